/** A service for tests of engines. It speaks the wire protocol directly, and misbehaves on demand. */
import { WebSocket } from 'ws';
import {
  CAPABILITIES_HEADER,
  PONG_MESSAGE_ID,
  encodeCapabilities,
  parseEngineMessage,
  type CompensationRequest,
  type EngineCapabilities,
  type EngineMessage,
  type ServiceMessage,
  type ServiceRegistered,
  type ServiceRegistration,
  type FailureDetails,
  type TaskCancel,
  type TaskRequest,
  type TaskRunStatus,
} from '@orra-ts/protocol';
import { Conditions } from './conditions';

/** A request of the engine. */
export type FakeRequest = TaskRequest | CompensationRequest;

/** The outcome to send for a request; undefined sends none. */
export type FakeOutcome =
  | { readonly output: unknown; readonly compensation?: { readonly data?: unknown; readonly ttl?: number } }
  | { readonly error: string; readonly failure?: FailureDetails }
  | { readonly abort: unknown }
  /** The `result` of a revert, such as `{ status: 'completed' }`. */
  | { readonly revert: Readonly<Record<string, unknown>> }
  | undefined;

export interface FakeServiceOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly name: string;
  /** @default 'service' */
  readonly kind?: 'service' | 'agent';
  readonly description?: string;
  readonly schema?: ServiceRegistration['schema'];
  readonly revertible?: boolean;
  /** Capabilities in the registration and in the header of each upgrade. @default none, as in the SDKs of the Go engine */
  readonly capabilities?: readonly string[];
  readonly identity?: 'name';
  readonly timeoutMs?: number;
  /** An id from an earlier registration. */
  readonly id?: string;
  /** @default returns the input as output */
  readonly onTask?: (request: TaskRequest, service: FakeService) => FakeOutcome | Promise<FakeOutcome>;
  /** @default completes the revert */
  readonly onRevert?: (request: CompensationRequest, service: FakeService) => FakeOutcome | Promise<FakeOutcome>;
  /** Returns the outcome or the status to send for a `task_cancel`. @default sends nothing */
  readonly onCancel?: (request: TaskCancel, service: FakeService) => FakeOutcome | TaskRunStatus;
  /** @default true */
  readonly respondsToPings?: boolean;
}

const ANY_OBJECT = { type: 'object', properties: { message: { type: 'string' } } };

export class FakeService {
  /** Every valid message of the engine, in order of arrival. */
  readonly received: EngineMessage[] = [];
  /** Messages that could not be parsed. */
  readonly malformed: string[] = [];
  /** Ids that the engine has acknowledged. */
  readonly acknowledged = new Set<string>();
  registered: ServiceRegistered | undefined;
  /** Close code of the last connection; undefined while it is open. */
  closeCode: number | undefined;

  private readonly conditions = new Conditions();
  private socket: WebSocket | undefined;
  private sequence = 0;
  private taken = 0;

  constructor(readonly options: FakeServiceOptions) {}

  /** Registers and connects. */
  static async start(options: FakeServiceOptions): Promise<FakeService> {
    const service = new FakeService(options);
    await service.register();
    await service.connect();
    return service;
  }

  get id(): string {
    return this.registered?.id ?? this.options.id ?? '';
  }

  get capabilities(): EngineCapabilities | undefined {
    return this.registered?.capabilities;
  }

  /** Registers the service. Rejects with the engine's response when the registration fails. */
  async register(): Promise<ServiceRegistered> {
    const {
      url,
      apiKey,
      name,
      kind = 'service',
      description = `Fake ${name}`,
      schema,
      id,
      revertible = false,
    } = this.options;
    const { capabilities, identity, timeoutMs } = this.options;
    const knownId = this.registered?.id ?? id;
    const response = await fetch(`${url}/register/${kind}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        id: knownId,
        name,
        description,
        revertible,
        schema: schema ?? { input: ANY_OBJECT, output: ANY_OBJECT },
        capabilities,
        identity,
        timeoutMs,
      }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`registration of ${name}: ${response.status} ${text}`);
    this.registered = JSON.parse(text) as ServiceRegistered;
    return this.registered;
  }

  /** Opens another connection. The previous one stays open. Rejects when the engine refuses the upgrade. */
  async connect(): Promise<void> {
    const { url, apiKey, capabilities = [] } = this.options;
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws?serviceId=${this.id}&apiKey=${apiKey}`, {
      perMessageDeflate: false,
      headers: capabilities.length > 0 ? { [CAPABILITIES_HEADER]: encodeCapabilities(capabilities) } : {},
    });
    socket.on('message', (data: Buffer) => this.receive(data.toString()));
    socket.on('close', (code) => {
      if (this.socket !== socket) return;
      this.closeCode = code;
      this.conditions.changed();
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => undefined);
    this.closeCode = undefined;
    this.socket = socket;
  }

  /** Drops the connection, with or without a close frame. */
  drop({ clean = false } = {}): void {
    if (clean) this.socket?.close(1000);
    else this.socket?.terminate();
  }

  /** Closes the connection with a close frame. Resolves when it is closed. */
  async close(): Promise<void> {
    const { socket } = this;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.close(1000);
    await closed;
  }

  /** Sends one wrapped message and returns its id. */
  send(payload: ServiceMessage, id = `m${++this.sequence}`): string {
    this.sendRaw(JSON.stringify({ id, payload }));
    return id;
  }

  /** Sends a raw message, for example a malformed one. */
  sendRaw(message: string): void {
    this.socket?.send(message);
  }

  /** Sends an update of a running task. */
  update(request: FakeRequest, update: unknown): string {
    return this.send({ type: 'task_interim_result', ...this.head(request), result: { task: update } });
  }

  /** Sends a `task_status`: a claim of a running key, or the response to a `task_cancel`. */
  status(request: FakeRequest | TaskCancel, status: TaskRunStatus = 'in_progress'): string {
    return this.send({ type: 'task_status', ...this.head(request), status });
  }

  answer(request: FakeRequest | TaskCancel, outcome: Exclude<FakeOutcome, undefined>): string {
    const head = this.head(request);
    if ('abort' in outcome) return this.send({ type: 'task_abort_result', ...head, result: { task: outcome.abort } });
    if ('error' in outcome) {
      const { error, failure } = outcome;
      return this.send({ type: 'task_result', ...head, result: null, error, failure });
    }
    if ('revert' in outcome) return this.send({ type: 'task_result', ...head, result: outcome.revert, error: null });
    const { output, compensation = null } = outcome;
    return this.send({ type: 'task_result', ...head, result: { task: output, compensation }, error: null });
  }

  /** Resolves with the first result of `probe` that is neither undefined nor false. Rejects after 15 s by default. */
  until<T>(probe: () => T | undefined | false, what = 'a condition', timeoutMs?: number): Promise<T> {
    return this.conditions.until(probe, what, timeoutMs);
  }

  /** Resolves with the `count`-th request, counted from 1. */
  request(count = 1): Promise<FakeRequest> {
    return this.until(() => this.requests[count - 1], `request number ${count} to ${this.options.name}`);
  }

  /** Takes the next request, each one once, in order of arrival. Rejects when the connection closes before it arrives. */
  nextRequest(): Promise<FakeRequest> {
    return this.until(() => {
      const request = this.requests[this.taken];
      if (request) this.taken++;
      else if (this.closeCode !== undefined) throw new Error(`the connection of ${this.options.name} is closed`);
      return request;
    }, `the next request to ${this.options.name}`);
  }

  /** Sends an outcome. Resolves when it is acknowledged, so committed; rejects when the connection closes before. */
  deliver(request: FakeRequest, outcome: Exclude<FakeOutcome, undefined>): Promise<void> {
    return this.untilAcknowledged(this.answer(request, outcome));
  }

  /** Sends a progress update. Resolves when it is acknowledged; rejects when the connection closes before. */
  deliverUpdate(request: FakeRequest, update: unknown): Promise<void> {
    return this.untilAcknowledged(this.update(request, update));
  }

  get requests(): FakeRequest[] {
    return this.received.filter(
      (message): message is FakeRequest => message.type === 'task_request' || message.type === 'compensation_request',
    );
  }

  /** Every `task_cancel` of the engine, in order of arrival. */
  get cancels(): TaskCancel[] {
    return this.received.filter((message): message is TaskCancel => message.type === 'task_cancel');
  }

  private async untilAcknowledged(id: string): Promise<void> {
    await this.until(() => {
      if (!this.acknowledged.has(id) && this.closeCode !== undefined) throw new Error(`closed before the ACK of ${id}`);
      return this.acknowledged.has(id);
    }, `the ACK of ${id}`);
  }

  private head({ id, executionId, idempotencyKey }: FakeRequest | TaskCancel): {
    taskId: string;
    executionId: string | undefined;
    serviceId: string;
    idempotencyKey: string;
  } {
    return { taskId: id, executionId, serviceId: this.id, idempotencyKey };
  }

  private receive(raw: string): void {
    const parsed = parseEngineMessage(raw);
    if (!parsed.ok) this.malformed.push(raw);
    else {
      const message = parsed.value;
      this.received.push(message);
      if (message.type === 'ACK') this.acknowledged.add(message.id);
      else if (message.type === 'ping') {
        if (this.options.respondsToPings ?? true) this.send({ type: 'pong', serviceId: this.id }, PONG_MESSAGE_ID);
      } else if (message.type === 'task_cancel') this.reactToCancel(message);
      else void this.react(message);
    }
    this.conditions.changed();
  }

  private reactToCancel(request: TaskCancel): void {
    const response = this.options.onCancel?.(request, this);
    if (typeof response === 'string') this.status(request, response);
    else if (response) this.answer(request, response);
  }

  private async react(request: FakeRequest): Promise<void> {
    const { onTask = ({ input }) => ({ output: input }), onRevert = () => ({ revert: { status: 'completed' } }) } =
      this.options;
    let outcome: FakeOutcome;
    try {
      outcome = await (request.type === 'task_request' ? onTask(request, this) : onRevert(request, this));
    } catch (error) {
      outcome = { error: String(error) };
    }
    if (outcome && this.socket?.readyState === WebSocket.OPEN) this.answer(request, outcome);
  }
}
