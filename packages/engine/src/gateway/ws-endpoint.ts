/** `/ws`: checks who connects, refuses on the raw socket as the original does, and keeps the links of all services. */
import { Latch, type Clock, type Logger } from '@orra-ts/common';
import { CLOSE_SERVICE_RESTART, PROTOCOL_VERSION, VERSION_HEADER } from '@orra-ts/protocol';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
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

/** Targets are relative; what they are relative to does not matter. */
const BASE_URL = 'http://engine';

export class WsEndpoint {
  private readonly server: WebSocketServer;
  private readonly heartbeat: Heartbeat;
  private readonly links = new Set<ServiceSession>();
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
      // No subprotocol is negotiated, even if some are offered.
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
    // Until ws listens itself: a client that goes away meanwhile must not end the process.
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    const target = request.url ?? '/';
    // Whatever is thrown here would end the process, and anybody can send anything.
    if (!URL.canParse(target, BASE_URL)) {
      return refuse(socket, 400, '400 bad request\n', { 'Content-Type': 'text/plain; charset=utf-8' }, false);
    }
    const url = new URL(target, BASE_URL);
    if (url.pathname !== '/ws') {
      return refuse(socket, 404, '404 page not found\n', { 'Content-Type': 'text/plain; charset=utf-8' }, false);
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
      this.open(new ServiceSession(this.linkOptions(webSocket, socket, claim.service)), webSocket);
    });
  }

  private linkOptions(
    webSocket: import('ws').WebSocket,
    socket: Duplex,
    service: RegisteredService,
  ): ConstructorParameters<typeof ServiceSession>[0] {
    const { core, clock, logger, maxBufferedBytes } = this.options;
    return {
      webSocket,
      socket,
      service,
      connections: core.connections,
      clock,
      logger,
      maxBufferedBytes,
      onLeft: (link) => this.forget(link),
    };
  }

  /** Older connections of the same service stay: they are its other replicas, or will miss their pongs. */
  private open(link: ServiceSession, webSocket: import('ws').WebSocket): void {
    webSocket.on('pong', () => this.heartbeat.ponged(link));
    this.links.add(link);
    this.countByService.set(link.serviceId, this.connectionsOf(link.serviceId) + 1);
    this.heartbeat.add(link);
    this.options.logger.info('a service is connected', {
      serviceId: link.serviceId,
      connections: this.connectionsOf(link.serviceId),
    });
    this.options.core.connections.connected(link);
  }

  private forget(link: ServiceSession): void {
    this.heartbeat.remove(link);
    this.links.delete(link);
    const left = this.connectionsOf(link.serviceId) - 1;
    if (left > 0) this.countByService.set(link.serviceId, left);
    else this.countByService.delete(link.serviceId);
    if (this.links.size === 0) this.emptied.release();
  }

  /** Resolves when no link is left. */
  async empty(): Promise<void> {
    if (this.links.size > 0) await this.emptied.wait();
  }

  /** Takes nothing more and closes every socket with 1012, after what is under way was committed and acknowledged. */
  async drain(): Promise<void> {
    this.stopping = true;
    this.heartbeat.close();
    await Promise.all([...this.links].map((link) => link.drain(CLOSE_SERVICE_RESTART, 'the engine restarts')));
  }

  /** Whoever has not answered the close by now. */
  cutOff(): void {
    this.stopping = true;
    this.heartbeat.close();
    for (const link of [...this.links]) link.cutOff();
  }
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
