/** `/ws`: checks each upgrade, refuses on the raw socket as the Go engine does, and keeps the sessions of all services. */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Latch, type Clock, type Logger } from '@orra-ts/common';
import {
  CAPABILITIES_HEADER,
  CLOSE_SERVICE_RESTART,
  GO_ERROR_MESSAGES,
  PROTOCOL_VERSION,
  VERSION_HEADER,
  parseCapabilities,
} from '@orra-ts/protocol';
import type { RegisteredService } from '../catalog/catalog';
import type { EngineCore } from '../core/engine-core';
import { Heartbeat } from './heartbeat';
import { redactUrl } from './http/redact';
import { ServiceSession } from './service-session';
import { handshakeRefusal, readUpgradeClaim } from './http/upgrade-refusal';
import { UNANTICIPATED } from './http/wire-failure';

export interface WsEndpointOptions {
  readonly core: EngineCore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxMessageBytes: number;
  readonly maxBufferedBytes: number;
  readonly pingIntervalMs: number;
  readonly pongWaitMs: number;
}

/** Request targets are relative; the base has no effect. */
const BASE_URL = 'http://engine';

export class WsEndpoint {
  private readonly server: WebSocketServer;
  private readonly heartbeat: Heartbeat;
  private readonly sessions = new Set<ServiceSession>();
  private readonly countByService = new Map<string, number>();
  private stopping = false;
  private readonly emptied = new Latch();

  constructor(private readonly options: WsEndpointOptions) {
    this.heartbeat = new Heartbeat(options);
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.maxMessageBytes,
      // Offered subprotocols are ignored.
      handleProtocols: () => false,
    });
    this.server.on('headers', (headers) => headers.push(`${VERSION_HEADER}: ${PROTOCOL_VERSION}`));
    this.server.on('wsClientError', (error, socket, request) => {
      const status = request.method === 'GET' ? 400 : 405;
      refuse(socket, status, handshakeRefusal(status, `websocket: ${error.message}`), {
        'Content-Type': 'text/plain; charset=utf-8',
        'X-Content-Type-Options': 'nosniff',
        'Sec-WebSocket-Version': '13',
      });
    });
  }

  /** Open sockets of a service. */
  connectionsOf(serviceId: string): number {
    return this.countByService.get(serviceId) ?? 0;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until ws adds its own listener: a client that disconnects before that must not end the process.
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    const target = request.url ?? '/';
    // An error thrown here would end the process, and any client can send any target.
    if (!URL.canParse(target, BASE_URL)) {
      return refuse(socket, 400, '400 bad request\n', { 'Content-Type': 'text/plain; charset=utf-8' }, false);
    }
    const url = new URL(target, BASE_URL);
    if (url.pathname !== '/ws') {
      return refuse(
        socket,
        404,
        GO_ERROR_MESSAGES.plainNotFound,
        { 'Content-Type': 'text/plain; charset=utf-8' },
        false,
      );
    }
    const { core, logger } = this.options;
    const claim = readUpgradeClaim(core, request.headers.authorization, {
      serviceId: url.searchParams.get('serviceId') ?? undefined,
      apiKey: url.searchParams.get('apiKey') ?? undefined,
    });
    if (claim.kind !== 'service') {
      logger.info('a connection is refused', { reason: claim.kind, url: redactUrl(target) });
      if (claim.kind === 'forbidden') return refuse(socket, 403, '', {});
      return refuse(socket, 500, JSON.stringify({ error: UNANTICIPATED }), {
        'Content-Type': 'application/json',
        'X-Content-Type-Options': 'nosniff',
      });
    }
    if (this.stopping) return refuse(socket, 503, '', { 'Retry-After': '1' });
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      socket.off('error', onError);
      this.open(
        new ServiceSession(this.sessionOptions(webSocket, socket, claim.service, capabilitiesOf(request))),
        webSocket,
      );
    });
  }

  /** Refuses the upgrade of a page of another site. */
  refuseForeign(socket: Duplex, body: string): void {
    socket.on('error', () => void socket.destroy());
    refuse(socket, 403, body, { 'Content-Type': 'application/json' });
  }

  private sessionOptions(
    webSocket: import('ws').WebSocket,
    socket: Duplex,
    service: RegisteredService,
    capabilities: readonly string[] | undefined,
  ): ConstructorParameters<typeof ServiceSession>[0] {
    const { core, clock, logger, maxBufferedBytes } = this.options;
    return {
      webSocket,
      socket,
      service,
      capabilities,
      connections: core.connections,
      clock,
      logger,
      maxBufferedBytes,
      onLeft: (session) => this.forget(session),
    };
  }

  /** Older connections of the same service stay: they are other replicas, or the heartbeat will close them. */
  private open(session: ServiceSession, webSocket: import('ws').WebSocket): void {
    session.start();
    webSocket.on('pong', () => this.heartbeat.ponged(session));
    this.sessions.add(session);
    this.countByService.set(session.serviceId, this.connectionsOf(session.serviceId) + 1);
    this.heartbeat.add(session);
    this.options.logger.info('a service is connected', {
      serviceId: session.serviceId,
      connections: this.connectionsOf(session.serviceId),
    });
    this.options.core.connections.connected(session);
  }

  private forget(session: ServiceSession): void {
    this.heartbeat.remove(session);
    this.sessions.delete(session);
    const left = this.connectionsOf(session.serviceId) - 1;
    if (left > 0) this.countByService.set(session.serviceId, left);
    else this.countByService.delete(session.serviceId);
    if (this.sessions.size === 0) this.emptied.release();
  }

  /** Resolves when no session is left. */
  async empty(): Promise<void> {
    if (this.sessions.size > 0) await this.emptied.wait();
  }

  /** Stops accepting messages, waits until those in progress are committed and acknowledged, then closes with 1012. */
  async drain(): Promise<void> {
    this.stopping = true;
    this.heartbeat.close();
    await Promise.all([...this.sessions].map((session) => session.drain(CLOSE_SERVICE_RESTART, 'the engine restarts')));
  }

  /** Cuts off the clients that have not completed the close handshake. */
  cutOff(): void {
    this.stopping = true;
    this.heartbeat.close();
    for (const session of [...this.sessions]) session.cutOff();
  }
}

function capabilitiesOf({ headers }: IncomingMessage): readonly string[] | undefined {
  const announced = headers[CAPABILITIES_HEADER.toLowerCase()];
  return typeof announced === 'string' ? parseCapabilities(announced) : undefined;
}

function refuse(
  socket: Duplex,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
  routed = true,
): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(routed ? [`${VERSION_HEADER}: ${PROTOCOL_VERSION}`] : []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.once('finish', () => void socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
