/** The service's end of a WebSocket, without a service. Sends and receives raw messages, valid or not. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket, type ClientOptions } from 'ws';
import { Conditions } from './conditions';

/** A decoded message. Tests look into it member by member; a missing member fails their expectation. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test may receive messages that match no schema
export type WireMessage = any;

/** The response to an upgrade that was refused. */
export interface RefusedUpgrade {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export class FakeServiceSocket {
  /** Messages that were received and not taken yet, in order of arrival. */
  readonly unread: WireMessage[] = [];
  /** WebSocket pings that were received and not taken with `pinged` yet. */
  protocolPings = 0;
  /** Set when the connection is closed. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** Headers of the response to the upgrade. */
  headers: IncomingMessage['headers'] = {};
  private readonly conditions = new Conditions();
  private fences = 0;

  private constructor(
    /** The underlying socket, for operations that this class does not provide. */
    readonly webSocket: WebSocket,
  ) {
    webSocket.on('upgrade', ({ headers }) => (this.headers = headers));
    webSocket.on('message', (data: Buffer) => {
      this.unread.push(JSON.parse(data.toString()));
      this.conditions.changed();
    });
    webSocket.on('ping', () => {
      this.protocolPings++;
      this.conditions.changed();
    });
    webSocket.on('error', () => undefined);
    webSocket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.conditions.changed();
    });
  }

  /**
   * Resolves when the socket is open. Rejects when the engine refuses the upgrade.
   * @param url with the query, such as `ws://127.0.0.1:8005/ws?serviceId=s_1&apiKey=k`
   */
  static async open(url: string, options: ClientOptions = {}): Promise<FakeServiceSocket> {
    const socket = new FakeServiceSocket(new WebSocket(url, options));
    await once(socket.webSocket, 'open');
    return socket;
  }

  /** Resolves with the response to an upgrade that must be refused. Rejects when it is accepted. */
  static refused(url: string, options: ClientOptions = {}): Promise<RefusedUpgrade> {
    return new Promise((resolve, reject) => {
      const webSocket = new WebSocket(url, options);
      webSocket.on('error', () => undefined);
      webSocket.on('open', () => {
        webSocket.terminate();
        reject(new Error('the upgrade was accepted'));
      });
      webSocket.on('unexpected-response', (_, response: IncomingMessage) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      });
    });
  }

  get isOpen(): boolean {
    return this.webSocket.readyState === WebSocket.OPEN;
  }

  /** Sends a string as it is, any other value as JSON. */
  send(message: unknown): void {
    this.webSocket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Takes the next `count` messages, or those that arrived before the connection closed. */
  async next(count = 1): Promise<WireMessage[]> {
    await this.until(() => this.unread.length >= count || this.closed !== undefined, `${count} messages`);
    return this.unread.splice(0, count);
  }

  /** Takes the first message for which `matches` holds. Rejects when the connection closes before. */
  async take(matches: (message: WireMessage) => boolean, what = 'a message'): Promise<WireMessage> {
    const index = await this.until(() => {
      const found = this.unread.findIndex(matches);
      if (found === -1 && this.closed) throw new Error(`the connection closed before ${what} arrived`);
      // Not a bare index: 0 must count as found.
      return found === -1 ? undefined : { found };
    }, what);
    return this.unread.splice(index.found, 1)[0];
  }

  /** Takes the ACK of a message. */
  async acknowledged(id: string): Promise<void> {
    const isAck = (message: { readonly type?: unknown; readonly id?: unknown }): boolean =>
      message.type === 'ACK' && message.id === id;
    await this.take(isAck, `the ACK of ${id}`);
  }

  /** Takes all unread messages. */
  takeAll(): WireMessage[] {
    return this.unread.splice(0);
  }

  /**
   * Resolves when the engine has handled all that was sent before, and its messages up to then have arrived: two fences,
   * one after the other, are acknowledged. The ACK of the first may overtake ACKs that are being committed in the same
   * turn.
   * @param payload of the fences: any message that the engine acknowledges at once
   */
  async settle(payload: object): Promise<void> {
    for (let round = 0; round < 2; round++) {
      const id = `fence-${++this.fences}`;
      this.send({ id, payload });
      await this.acknowledged(id);
    }
  }

  /** Sends a WebSocket ping and resolves when its pong has arrived. */
  async ping(): Promise<void> {
    const ponged = once(this.webSocket, 'pong');
    this.webSocket.ping();
    await ponged;
  }

  /** Takes one WebSocket ping of the engine. */
  async pinged(): Promise<void> {
    await this.until(() => this.protocolPings > 0, 'a WebSocket ping');
    this.protocolPings--;
  }

  /** Resolves when the connection is closed, by either end. */
  untilClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    return this.until(() => this.closed, 'the end of the connection');
  }

  /**
   * Starts to close the connection; `untilClosed` resolves when that is done.
   * @param code of the close frame; 1005 sends a frame without a code, 1006 cuts the connection without a frame
   */
  close(code = 1005): void {
    if (code === 1006) this.webSocket.terminate();
    else if (code === 1005) this.webSocket.close();
    else this.webSocket.close(code);
  }

  private until<T>(probe: () => T | undefined | false, what: string): Promise<T> {
    return this.conditions.until(probe, what);
  }
}
