/** One WebSocket of a service to a `FakePlanEngine`. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import {
  PONG_MESSAGE_ID,
  mintExecutionId,
  parseServiceMessage,
  type CompensationRequest,
  type ServiceEnvelope,
  type TaskCancel,
} from '@orra-ts/protocol';
import type { AckPolicy } from './fake-plan-engine';

/** A request in wire format. */
export interface SentRequest {
  readonly type: 'task_request' | 'compensation_request';
  readonly id: string;
  readonly input: unknown;
  readonly executionId: string;
  readonly idempotencyKey: string;
  readonly serviceId: string;
  readonly compensationContext?: unknown;
  readonly attempt?: number;
  readonly timeoutMs?: number;
  readonly orchestrationId?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Tasks only: an earlier attempt may have run. */
  readonly inDoubt?: boolean;
  /** Compensations without an output only. */
  readonly outcome?: CompensationRequest['outcome'];
  readonly taskKey?: string;
  /** Compensations only: what an earlier round reported as partial. */
  readonly previous?: CompensationRequest['previous'];
}

/** @internal */
export interface ConnectionHost {
  ackPolicy(): AckPolicy;
  malformed(message: string): void;
  changed(): void;
  closed(): void;
}

export class FakeConnection {
  /** Every raw message, including malformed ones, in order of arrival. */
  readonly rawMessages: string[] = [];
  /** Every valid message, including pongs, in order of arrival. */
  readonly received: ServiceEnvelope[] = [];
  /** Close code of the connection; undefined while it is open. */
  closeCode: number | undefined;
  /** Whether the connection ignores and sends nothing although the socket is open, like a half-open link. */
  muted = false;

  constructor(
    private readonly socket: WebSocket,
    readonly serviceId: string,
    readonly serviceName: string,
    /** Path and query of the upgrade request. */
    readonly path: string,
    /** Capabilities that the service announced in the upgrade request. */
    readonly capabilities: readonly string[],
    private readonly host: ConnectionHost,
  ) {
    socket.on('message', (data: Buffer) => this.receive(data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      this.closeCode = code;
      host.closed();
      host.changed();
    });
  }

  get isOpen(): boolean {
    return this.closeCode === undefined;
  }

  /** Sends a request and returns it. Omitted members get new values. */
  send(request: Partial<SentRequest> & Pick<SentRequest, 'type' | 'input'>): SentRequest {
    const sent: SentRequest = {
      id: 'task1',
      executionId: mintExecutionId(randomBytes),
      idempotencyKey: randomBytes(32).toString('hex'),
      serviceId: this.serviceId,
      ...request,
    };
    this.sendRaw(JSON.stringify(sent));
    return sent;
  }

  /** Asks the service to stop a task. */
  cancel({ id, idempotencyKey, executionId }: Pick<SentRequest, 'id' | 'idempotencyKey' | 'executionId'>): void {
    const message: TaskCancel = { type: 'task_cancel', id, idempotencyKey, executionId, serviceId: this.serviceId };
    this.sendRaw(JSON.stringify(message));
  }

  /** Sends a raw message, for example a malformed one. */
  sendRaw(message: string): void {
    if (!this.muted && this.socket.readyState === WebSocket.OPEN) this.socket.send(message);
  }

  /** Sends a JSON ping message. */
  ping(): void {
    this.sendRaw(`{ "type": "ping", "serviceId": ${JSON.stringify(this.serviceId)} }`);
  }

  /** Sends a WebSocket ping and resolves when its pong has arrived. */
  async protocolPing(): Promise<void> {
    const ponged = once(this.socket, 'pong');
    this.socket.ping();
    await ponged;
  }

  acknowledge(id: string): void {
    this.sendRaw(JSON.stringify({ type: 'ACK', id }));
  }

  /**
   * Drops the connection.
   * @param clean send a close frame first
   * @param code of the close frame; 1005 sends a frame without a code
   */
  drop({ clean = false, code = 1001 } = {}): void {
    if (clean) this.socket.close(code === 1005 ? undefined : code);
    else this.socket.terminate();
  }

  private receive(message: string): void {
    if (this.muted) return;
    this.rawMessages.push(message);
    const parsed = parseServiceMessage(message);
    if (!parsed.ok) {
      this.host.malformed(message);
      this.host.changed();
      return;
    }
    const envelope = parsed.value;
    let policy = this.host.ackPolicy();
    while (typeof policy === 'function') policy = policy(envelope);
    if (policy === 'discard') return;
    this.received.push(envelope);
    // A pong is never acknowledged.
    if (envelope.id !== PONG_MESSAGE_ID && policy !== 'never') {
      if (policy === 'always') this.acknowledge(envelope.id);
      else setTimeout(() => this.acknowledge(envelope.id), policy).unref();
    }
    this.host.changed();
  }
}
