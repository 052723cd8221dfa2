/**
 * One open socket of a service. Several sessions of one service are its replicas.
 *
 *   frame -> parse -> E7: of this service? -> core, in the order received -> committed -> ACK (E1)
 *
 * Pongs are handled here and never wait for the core. A message that the core does not store is not acknowledged, so
 * that its sender keeps it. Every queue is bounded (E8): reading pauses while a client sends faster than the core
 * commits, work waits while a client reads slower than it is sent, and a client that does not read is cut off.
 */
import { Latch, describeThrown, type Clock, type Logger } from '@orra-ts/common';
import {
  PONG_MESSAGE_ID,
  SDK_MAX_PAYLOAD_BYTES,
  encodeMessage,
  parseServiceMessage,
  type EngineMessage,
  type ParseError,
  type ProjectId,
  type ServiceId,
  type ServiceMessage,
} from '@orra-ts/protocol';
import { JsonSizes } from '../domain/json-size';
import { engineError } from '../errors';
import type { RegisteredService } from '../catalog/catalog';
import type { ServiceConnection } from '../dispatch/connections';
import type { ServiceConnections } from '../core/service-connections';
import type { Heartbeating } from './heartbeat';
import { OPEN, type SessionStream, type SessionWebSocket } from './session-socket';
import { JSON_MAX_DEPTH, isNestedTooDeep } from './http/json-depth';

/** Maximum number and size of the messages of one socket that wait for their commit. */
const MAX_UNCOMMITTED_MESSAGES = 1_000;
const MAX_UNCOMMITTED_BYTES = 32 * 1024 * 1024;

export interface ServiceSessionOptions {
  readonly webSocket: SessionWebSocket;
  /** The socket below the WebSocket; it sends the writes of one turn together. */
  readonly socket: SessionStream;
  readonly service: RegisteredService;
  /** Capabilities that the SDK announced for this connection. @default those of its registration */
  readonly capabilities?: readonly string[];
  readonly connections: Pick<ServiceConnections, 'disconnected' | 'writable' | 'received' | 'malformed'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Bytes waiting to be sent above which the session accepts no more work. */
  readonly maxBufferedBytes: number;
  /** Called once, when the session can no longer be used. */
  readonly onLeft: (session: ServiceSession) => void;
}

export class ServiceSession implements ServiceConnection, Heartbeating {
  readonly serviceId: ServiceId;
  readonly projectId: ProjectId;
  readonly taskMeta: boolean;
  readonly capabilities: ReadonlySet<string>;
  load = 0;
  jsonPongAt: number;
  held = false;

  private phase: 'open' | 'draining' | 'left' = 'open';
  private uncommitted = 0;
  private uncommittedBytes = 0;
  private corked = false;
  private full = false;
  private unreadable = 0;
  private readonly settled = new Latch();

  constructor(private readonly options: ServiceSessionOptions) {
    this.serviceId = options.service.id;
    this.projectId = options.service.projectId;
    this.capabilities = new Set(options.capabilities ?? options.service.capabilities);
    this.taskMeta = this.capabilities.has('task-meta');
    this.jsonPongAt = options.clock.now();
  }

  /** Starts listening. Call it in the turn of the upgrade, before the first frame can arrive. */
  start(): void {
    const { webSocket, logger } = this.options;
    webSocket.on('message', (data, isBinary) => {
      // Binary frames are ignored, as on the Go engine.
      if (!isBinary) this.receive(data.toString('utf8'), data.byteLength);
    });
    webSocket.on('error', (error) => this.failed(error));
    webSocket.on('close', (code) => {
      logger.debug('a service connection has closed', { serviceId: this.serviceId, code });
      this.leave();
    });
  }

  send(message: EngineMessage): boolean {
    const { webSocket, maxBufferedBytes } = this.options;
    if (this.phase !== 'open' || webSocket.readyState !== OPEN) return false;
    if (webSocket.bufferedAmount > maxBufferedBytes) {
      this.awaitRoom();
      return false;
    }
    this.write(encodeWithinLimit(message));
    return true;
  }

  /**
   * One turn can bring more work than a socket buffers. That is not the client's fault: only the heartbeat closes it.
   */
  private awaitRoom(): void {
    if (this.full) return;
    this.full = true;
    this.options.socket.once('drain', () => {
      this.full = false;
      if (this.phase === 'open') this.options.connections.writable(this);
    });
  }

  // ---- heartbeat

  ping(): void {
    const { webSocket } = this.options;
    if (this.phase !== 'open' || webSocket.readyState !== OPEN) return;
    // Queued after earlier messages: a client that is busy reading must not seem dead.
    this.write(encodeMessage({ type: 'ping', serviceId: this.serviceId }));
    webSocket.ping();
  }

  giveUp(missing: 'protocol-pong' | 'json-pong'): void {
    this.options.logger.info('a service connection does not respond to pings and is closed', {
      serviceId: this.serviceId,
      missing,
    });
    if (missing === 'protocol-pong') return this.cutOff();
    this.options.webSocket.close();
    this.leave();
  }

  // ---- end

  /**
   * Stops accepting messages, waits until those in progress are committed and acknowledged, then closes. Messages that
   * were not accepted are not acknowledged: their sender sends them again to the next engine.
   */
  async drain(code: number, reason: string): Promise<void> {
    if (this.phase === 'open') this.phase = 'draining';
    if (this.uncommitted > 0) await this.settled.wait();
    this.options.webSocket.close(code, reason);
  }

  /** Ends the connection immediately, without a close frame. */
  cutOff(): void {
    this.options.webSocket.terminate();
    this.leave();
  }

  /** While draining, the core is about to close, too: it does not need to record a pause of the tasks. */
  private leave(): void {
    if (this.phase === 'left') return;
    const reported = this.phase === 'open';
    this.phase = 'left';
    if (reported) this.options.connections.disconnected(this);
    this.options.onLeft(this);
  }

  private failed(error: Error): void {
    const { logger } = this.options;
    const tooBig = (error as { code?: string }).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    if (tooBig) {
      logger.warn('a service sent a message over the limit; its connection is closed with 1009', {
        serviceId: this.serviceId,
        hint: 'raise `maxMessageBytes` of the engine, or make the service send less',
      });
    } else {
      logger.debug('a service connection failed', { serviceId: this.serviceId, error: error.message });
    }
  }

  // ---- inbound

  private receive(text: string, bytes: number): void {
    if (this.phase !== 'open') return;
    const parsed = parseServiceMessage(text);
    if (!parsed.ok) return this.refuse(parsed.error, bytes);
    const { id, payload } = parsed.value;
    if (isNestedTooDeep(text, payload)) {
      const error = { code: 'invalid_member', path: '/payload/result', about: payload, ackId: id } as const;
      return this.refuse(error, bytes, `is nested more than ${JSON_MAX_DEPTH} levels deep`);
    }
    if (payload.serviceId !== this.serviceId) {
      // E7. Acknowledged, as on the Go engine: sending it again would not help.
      this.logUnreadable('a message names another service than its connection; it has no effect', {
        type: payload.type,
        names: payload.serviceId,
      });
      return this.acknowledge(id);
    }
    if (payload.type === 'pong') {
      this.jsonPongAt = this.options.clock.now();
      return this.acknowledge(id);
    }
    this.hand(bytes, id, () => this.options.connections.received(this, payload satisfies ServiceMessage));
  }

  private refuse(
    { code, path, about, ackId }: Omit<ParseError, 'message'>,
    bytes: number,
    problem = 'is missing or has the wrong type',
  ): void {
    this.logUnreadable('a message cannot be read; it has no effect', { code, path, type: about?.type });
    const { type, serviceId, idempotencyKey } = about ?? {};
    const isOutcome = type === 'task_result' || type === 'task_abort_result';
    if (code === 'invalid_member' && isOutcome && serviceId === this.serviceId && idempotencyKey) {
      // A malformed outcome is an outcome: the attempt fails now instead of at its timeout.
      const text = `the service sent a malformed ${type}: ${path.replace('/payload/', '')} ${problem}`;
      return this.hand(bytes, ackId, () => this.options.connections.malformed(this, idempotencyKey, text));
    }
    if (ackId !== undefined) this.acknowledge(ackId);
  }

  /** Passes messages on in the order received, without waiting for earlier ones: the core commits in groups. */
  private hand(bytes: number, ackId: string | undefined, handOver: () => Promise<void>): void {
    this.uncommitted += 1;
    this.uncommittedBytes += bytes;
    this.holdOrRead();
    const settled = (): void => {
      this.uncommitted -= 1;
      this.uncommittedBytes -= bytes;
      this.holdOrRead();
      if (this.uncommitted === 0) this.settled.release();
    };
    // Called in this turn to keep the order; an error that it throws becomes a rejection.
    (async () => handOver())().then(
      () => {
        if (ackId !== undefined) this.acknowledge(ackId);
        settled();
      },
      (error: unknown) => {
        // E1: not stored, not acknowledged.
        this.options.logger.error('a message could not be stored and is not acknowledged; its sender will repeat it', {
          serviceId: this.serviceId,
          error: describeThrown(error),
        });
        settled();
      },
    );
  }

  private holdOrRead(): void {
    const full = this.uncommitted >= MAX_UNCOMMITTED_MESSAGES || this.uncommittedBytes >= MAX_UNCOMMITTED_BYTES;
    if (full === this.held) return;
    this.held = full;
    if (full) this.options.webSocket.pause();
    else this.options.webSocket.resume();
  }

  // ---- outbound

  private acknowledge(id: string): void {
    if (id === PONG_MESSAGE_ID) return;
    if (this.phase === 'left') return;
    const { webSocket, maxBufferedBytes, logger } = this.options;
    if (webSocket.bufferedAmount > 2 * maxBufferedBytes) {
      // Work stops at half of this; the rest are ACKs for a client that keeps sending and does not read.
      logger.warn('a service does not read its messages; its connection is cut off', {
        serviceId: this.serviceId,
        bufferedBytes: webSocket.bufferedAmount,
        maxBufferedBytes,
      });
      return this.cutOff();
    }
    this.write(encodeMessage({ type: 'ACK', id }));
  }

  private write(text: string): void {
    const { webSocket, socket } = this.options;
    if (webSocket.readyState !== OPEN) return;
    if (!this.corked) {
      // A group commit acknowledges many messages in one turn; they leave with one write.
      this.corked = true;
      socket.cork();
      process.nextTick(() => {
        this.corked = false;
        socket.uncork();
      });
    }
    webSocket.send(text);
  }

  /**
   * Logs the first, second, fourth, eighth … message: a client that sends only malformed ones must not fill the log.
   */
  private logUnreadable(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.unreadable += 1;
    if ((this.unreadable & (this.unreadable - 1)) !== 0) return;
    this.options.logger.warn(message, { serviceId: this.serviceId, count: this.unreadable, ...fields });
  }
}

/**
 * The size is counted first: references may repeat a large value so often that its JSON does not fit in memory. An SDK
 * that receives more closes its connection, reconnects, and would receive the same message again.
 */
function encodeWithinLimit(message: EngineMessage): string {
  const bytes = new JsonSizes().of(message);
  if (bytes <= SDK_MAX_PAYLOAD_BYTES) return encodeMessage(message);
  throw engineError(
    'ORRA_MESSAGE_TOO_LARGE',
    `the ${message.type} has ${bytes} bytes, more than the ${SDK_MAX_PAYLOAD_BYTES} bytes that services accept; pass large values by reference to where they are stored`,
  );
}
