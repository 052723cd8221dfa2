import { isJsonObject, type ServiceEnvelope, type TaskResult } from '@orra-ts/protocol';
import type { FakeConnection, SentRequest } from './fake-connection';
import type { FakePlanEngine } from './fake-plan-engine';

/** A request that a `FakePlanEngine` has sent, and the messages that the service sends for it. */
export class FakeTask {
  /** @internal */
  constructor(
    private readonly engine: FakePlanEngine,
    readonly request: SentRequest,
  ) {}

  /** The idempotency key. */
  get key(): string {
    return this.request.idempotencyKey;
  }

  /** Resolves with the first outcome: a `task_result`, or a `task_abort_result`. */
  async outcome(): Promise<ServiceEnvelope['payload']> {
    return (await this.engine.until(() => this.engine.outcomesOf(this.key)[0], `an outcome of ${this.key}`)).payload;
  }

  /** Resolves with the first result. Rejects when the task was aborted. */
  async result(): Promise<TaskResult> {
    const payload = await this.outcome();
    if (payload.type !== 'task_result') throw new Error(`${this.key} ended with ${payload.type}`);
    return payload;
  }

  /** Resolves with what the handler returned. Rejects when it failed. */
  async output(): Promise<unknown> {
    const { result, error } = await this.result();
    if (typeof error === 'string' && error !== '') throw new Error(`${this.key} failed: ${error}`);
    return isJsonObject(result) ? result['task'] : undefined;
  }

  /** Progress updates so far, in order of arrival. */
  get updates(): unknown[] {
    return this.engine.received.flatMap(({ payload }) =>
      payload.type === 'task_interim_result' && payload.idempotencyKey === this.key ? [payload.result.task] : [],
    );
  }

  /** Statuses of this task so far, such as `in_progress`, in order of arrival. */
  get statuses(): string[] {
    return this.engine.statusesOf(this.key);
  }

  /** Sends the request again, as the next attempt of an engine: the same key and, by default, a new execution id. */
  async sendAgain(request: Partial<SentRequest> = {}): Promise<FakeTask> {
    const { type } = this.request;
    const connection = await this.connection();
    const { executionId: _, ...same } = this.request;
    return new FakeTask(this.engine, connection.send({ ...same, type, ...request }));
  }

  /** Asks the service to stop this task. The response is an outcome or one of `statuses`. */
  async cancel(): Promise<void> {
    (await this.connection()).cancel(this.request);
  }

  /** Resolves with the `count`-th `task_status` of this task, counted from 1. */
  status(count = 1): Promise<string> {
    return this.engine.until(() => this.statuses[count - 1], `status number ${count} of ${this.key}`);
  }

  private connection(): Promise<FakeConnection> {
    const { serviceId } = this.request;
    return this.engine.until(
      () => this.engine.connections.findLast((candidate) => candidate.serviceId === serviceId && candidate.isOpen),
      `a connection of ${serviceId}`,
    );
  }
}
