/**
 * One WebSocket to the engine, from the handshake to its close. An attempt resolves with an outcome and never rejects,
 * so that the link's policy is one `switch`. `EngineSocket` and `Connect` are ports: a simulation replaces the network
 * here.
 */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { describeThrown } from '@orra-ts/common';
import { proxyOf, type Proxy } from '@orra-ts/common/proxy';
import { CAPABILITIES_HEADER, SDK_MAX_PAYLOAD_BYTES, encodeCapabilities } from '@orra-ts/protocol';
import { FrameWriter } from './frame-writer';
import { proxyTunnel } from './proxy-tunnel';

export interface SocketTarget {
  /** HTTP address of the engine, without a trailing slash. */
  readonly url: string;
  readonly serviceId: string;
  readonly apiKey: string;
  /** The engine reads the key from a header: queries end up in access logs. */
  readonly headerAuth: boolean;
  /** Announced in a header; empty for an engine that announced nothing. */
  readonly capabilities: readonly string[];
  readonly handshakeTimeoutMs: number;
}

export type SocketOutcome =
  | { readonly kind: 'open'; readonly socket: EngineSocket }
  /** The engine responded, but did not accept the WebSocket. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Opens a socket. Ends the attempt when the signal is aborted. */
export type Connect = (target: SocketTarget, signal: AbortSignal) => Promise<SocketOutcome>;

/** An open socket. It delivers nothing before `listen`. */
export interface EngineSocket {
  /** @param onMessage receives text frames; binary frames are not part of the protocol */
  listen(onMessage: (text: string) => void, onClose: (code: number) => void): void;
  /** Ignored once the socket is not open. Can be called without its object. */
  readonly send: (text: string) => void;
  /** Resolves when everything that the engine had sent until now has arrived, or when the socket has closed. */
  roundTrip(): Promise<void>;
  /** Sends a close frame; the close event follows in any case. */
  close(code: number): void;
  /** Ends a connection that is known to be dead. */
  terminate(): void;
}

/** Closed without a close frame. */
const ABNORMAL_CLOSURE = 1_006;
/** Maximum wait for the engine's close frame; an engine that is gone does not send one. */
const CLOSE_TIMEOUT_MS = 1_000;

export const openSocket: Connect = (target, signal) => {
  const { url, serviceId, apiKey, headerAuth, capabilities, handshakeTimeoutMs } = target;
  const address = new URL(`${url}/ws`);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.searchParams.set('serviceId', serviceId);
  if (!headerAuth) address.searchParams.set('apiKey', apiKey);
  let proxy: Proxy | undefined;
  try {
    proxy = proxyOf(url);
  } catch (error) {
    return Promise.resolve({ kind: 'unreachable', reason: describeThrown(error) });
  }
  const tunnel = proxy && proxyTunnel(proxy);
  return new Promise((resolve) => {
    const ws = new WebSocket(address, {
      ...(tunnel && {
        agent: tunnel.agent,
        finishRequest(request) {
          tunnel.onRefusal(request, (status) => fail(`the proxy responds with status ${status}`));
          request.end();
        },
      }),
      maxPayload: SDK_MAX_PAYLOAD_BYTES,
      perMessageDeflate: false,
      // Invalid UTF-8 is replaced, and then refused as JSON or by a schema: a second check of every byte gains nothing.
      skipUTF8Validation: true,
      handshakeTimeout: handshakeTimeoutMs,
      headers: {
        ...(headerAuth && { authorization: `Bearer ${apiKey}` }),
        ...(capabilities.length > 0 && { [CAPABILITIES_HEADER]: encodeCapabilities(capabilities) }),
      },
    });
    let stream: Socket | undefined;
    const cancel = (): void => ws.terminate();
    // The timeout of `ws` does not count while a proxy opens the tunnel.
    const timer = tunnel && setTimeout(() => fail(`no response within ${handshakeTimeoutMs} ms`), handshakeTimeoutMs);
    let isDone = false;
    const done = (outcome: SocketOutcome): void => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      if (outcome.kind !== 'open') tunnel?.close();
      resolve(outcome);
    };
    const fail = (reason: string): void =>
      done({ kind: 'unreachable', reason: proxy ? `${reason} (through the proxy ${proxy.label})` : reason });
    ws.once('upgrade', (response) => (stream = response.socket));
    ws.once('open', () => done({ kind: 'open', socket: new WebSocketEngineSocket(ws, stream as Socket) }));
    ws.once('unexpected-response', (request, response) => {
      response.resume();
      request.destroy();
      done({ kind: 'refused', status: response.statusCode ?? 0 });
    });
    // After `open` this also keeps a socket error from becoming an uncaught exception; the close event follows it.
    ws.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? describeThrown(error)));
    ws.once('close', () => fail('closed during the handshake'));
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
  });
};

/** Sends the writes of one turn of the event loop together. */
class WebSocketEngineSocket implements EngineSocket {
  private readonly writer: FrameWriter;

  constructor(
    private readonly ws: WebSocket,
    stream: Socket,
  ) {
    this.writer = new FrameWriter(stream);
    // An engine sends tasks directly after the handshake, so the socket is paused until `listen` is called.
    ws.pause();
  }

  listen(onMessage: (text: string) => void, onClose: (code: number) => void): void {
    if (this.ws.readyState === WebSocket.CLOSED) return void setImmediate(onClose, ABNORMAL_CLOSURE);
    this.ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) onMessage(data.toString());
    });
    this.ws.once('close', onClose);
    this.ws.resume();
  }

  readonly send = (text: string): void => {
    if (this.ws.readyState === WebSocket.OPEN) this.writer.write(text);
  };

  /** Messages keep their order, so the pong arrives after everything that the engine sent before it. */
  roundTrip(): Promise<void> {
    return new Promise((resolve) => {
      this.ws.once('pong', () => resolve());
      this.ws.once('close', () => resolve());
      this.writer.flush();
      this.ws.ping();
    });
  }

  close(code: number): void {
    this.writer.flush();
    this.ws.close(code);
    const timer = setTimeout(() => this.ws.terminate(), CLOSE_TIMEOUT_MS);
    this.ws.once('close', () => clearTimeout(timer));
  }

  terminate(): void {
    this.ws.terminate();
  }
}
