/**
 * One `node:http` server for the HTTP routes and the WebSocket endpoint. It stops in two steps around the close of the core,
 * so that everything acknowledged is stored: `drain()`, then the core closes, then `close()`.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Latch, type OrraError, resolvesWithin, systemClock, type Clock, type Logger } from '@orra-ts/common';
import { engineError } from '../errors';
import type { Project } from '../catalog/catalog';
import type { EngineCore } from '../core/engine-core';
import type { ForeignRequests } from './http/foreign-requests';
import { OpenStreams } from './http/open-streams';
import { createHttpApp } from './http-app';
import { WsEndpoint } from './ws-endpoint';

/** Planning may take long. The Go engine has the same timeout. */
const REQUEST_TIMEOUT_MS = 180_000;
/** Grace period of each step: commits in progress, close handshakes, responses in progress. */
const CLOSE_GRACE_MS = 3_000;

export interface GatewayOptions {
  readonly core: EngineCore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxMessageBytes: number;
  readonly maxBodyBytes: number;
  readonly maxBufferedBytes: number;
  readonly pingIntervalMs: number;
  readonly pongWaitMs: number;
  readonly compensationMaxAttempts: number;
  readonly prepareProject?: (project: Project) => Promise<void>;
  /** Refuses requests of other sites. @default none is refused */
  readonly foreignRequests?: ForeignRequests | undefined;
}

export class Gateway {
  private readonly server: Server;
  private readonly webSockets: WsEndpoint;
  private readonly streams = new OpenStreams();
  private openResponses = 0;
  private readonly responsesEnded = new Latch();

  constructor(options: GatewayOptions) {
    this.webSockets = new WsEndpoint(options);
    const app = createHttpApp({
      ...options,
      streams: this.streams,
      connectionsOf: (serviceId) => this.webSockets.connectionsOf(serviceId),
      prepareProject: options.prepareProject ?? (() => Promise.resolve()),
    });
    // An embedded engine must not replace the globals of its application.
    const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    this.server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: REQUEST_TIMEOUT_MS });
    this.server.on('request', (request, response) => {
      this.openResponses += 1;
      response.once('close', () => {
        this.openResponses -= 1;
        if (this.openResponses === 0) this.responsesEnded.release();
      });
      const problem = options.foreignRequests?.problemOf(request);
      if (problem === undefined) void listener(request, response);
      else refuseForeign(response, problem);
    });
    this.server.on('upgrade', (request, socket, head) => {
      const problem = options.foreignRequests?.problemOf(request);
      if (problem === undefined) this.webSockets.upgrade(request, socket, head);
      else this.webSockets.refuseForeign(socket, foreignBody(problem));
    });
  }

  /** @throws OrraError `ORRA_LISTEN_FAILED` */
  async listen(port: number, host: string): Promise<{ readonly port: number; readonly url: string }> {
    await new Promise<void>((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => reject(listenError(error, port, host));
      this.server.once('error', onError);
      this.server.listen(port, host, () => {
        this.server.off('error', onError);
        resolve();
      });
    });
    const address = this.server.address() as AddressInfo;
    return { port: address.port, url: `http://${reachableHost(host)}:${address.port}` };
  }

  /** Stops accepting connections and messages, acknowledges commits in progress, then closes all sockets with 1012. */
  async drain(): Promise<void> {
    this.server.close();
    this.streams.close();
    await atMost(CLOSE_GRACE_MS, this.webSockets.drain());
  }

  /** Call after the core has closed. Waits for responses in progress, then cuts off the remaining connections. */
  async close(): Promise<void> {
    if (this.openResponses > 0) await atMost(CLOSE_GRACE_MS, this.responsesEnded.wait());
    this.server.closeAllConnections();
    await atMost(CLOSE_GRACE_MS, this.webSockets.empty());
    this.webSockets.cutOff();
    // After this the port is free.
    await atMost(CLOSE_GRACE_MS, new Promise<void>((resolve) => this.server.close(() => resolve())));
  }
}

const foreignBody = (message: string): string => JSON.stringify({ error: { kind: 'invalid request error', message } });

function refuseForeign(response: ServerResponse, problem: string): void {
  const body = foreignBody(problem);
  response.writeHead(403, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    // Its body is not read.
    connection: 'close',
  });
  response.end(body);
}

/** Uses the system's clock on purpose: an engine with a stopped test clock must stop, too. */
const atMost = (ms: number, work: Promise<void>): Promise<boolean> => resolvesWithin(systemClock, ms, work);

/** The host for a URL on this machine: not every system can connect to an address that means "all". */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): OrraError {
  const where = `port ${port} on ${host}`;
  const text: Partial<Record<string, string>> = {
    EADDRINUSE: `${where} is in use; stop the process that listens there, or choose another port (option \`port\`, --port or PORT; 0 selects a free port)`,
    EACCES: `${where} is not permitted for this user; choose a port above 1023 (option \`port\`, --port or PORT)`,
    EADDRNOTAVAIL: `${where}: this machine does not have this address; choose another one (option \`host\`, --host or HOST), such as 127.0.0.1 or 0.0.0.0`,
    ENOTFOUND: `${where}: the host name is unknown; choose another one (option \`host\`, --host or HOST), such as 127.0.0.1 or 0.0.0.0`,
  };
  const message = text[error.code ?? ''] ?? `${where}: ${error.message}`;
  return engineError('ORRA_LISTEN_FAILED', `the engine cannot listen: ${message}`, {
    details: { port, host, reason: error.code },
    cause: error,
  });
}
