import type { OrchestrationInspection, OrchestrationStatus, OrchestrationView, PlanView } from '@orra-ts/protocol';
import type { EngineEvent, EventsOptions } from './event-stream';
import type { OrchestrationResult } from './result';
import type { OrchestrationUpdate, ResultOptions, WatchOptions } from './watch';
import type { CancelOptions, OrchestrationsApi } from './orchestrations';

/** A submitted orchestration. It holds no connection open, so it has no `close()`. */
export class OrchestrationHandle {
  /** @internal */
  constructor(
    /** Response of the engine to the submission. */
    readonly submitted: OrchestrationView,
    private readonly api: OrchestrationsApi,
  ) {}

  get id(): string {
    return this.submitted.id;
  }

  /** Status at submission. `inspect()` returns the current one. */
  get status(): OrchestrationStatus {
    return this.submitted.status;
  }

  /** The plan without task0; null where the engine does not return it, and before planning has ended. */
  get plan(): PlanView | null {
    return this.submitted.plan ?? null;
  }

  /**
   * Returns the current state of the orchestration and its tasks. On the Go engine this may fail just after submission.
   */
  inspect(options: WatchOptions = {}): Promise<OrchestrationInspection> {
    return this.api.inspect(this.id, options);
  }

  /**
   * Resolves when the orchestration has ended. Failure and abort are results, not errors.
   *
   * @throws OrraResultTimeoutError `ORRA_RESULT_TIMEOUT` when `timeout` passes first; the orchestration continues
   * @throws OrraError `ORRA_UNREACHABLE` when the engine has not responded for a minute
   */
  result<O = unknown>(options: ResultOptions = {}): Promise<OrchestrationResult<O>> {
    return this.api.result<O>(this.id, options);
  }

  /**
   * Resolves with the last inspection when the orchestration is settled: it has ended, its compensation has ended, and
   * no late result is expected. On the Go engine a compensation is not visible before it starts, so this may resolve
   * too early.
   *
   * @throws OrraResultTimeoutError `ORRA_RESULT_TIMEOUT` when `timeout` passes first; the orchestration continues
   * @throws OrraError `ORRA_UNREACHABLE` when the engine has not responded for a minute
   */
  settled(options: ResultOptions = {}): Promise<OrchestrationInspection> {
    return this.api.settled(this.id, options);
  }

  /** Streams the progress updates of the tasks, each once, from the first one until the orchestration has ended. */
  updates(options: WatchOptions = {}): AsyncIterableIterator<OrchestrationUpdate> {
    return this.api.updates(this.id, options);
  }

  /**
   * Streams the events of the orchestration, from the first one or after `lastEventId`, until the orchestration is
   * settled.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without events, such as the Go engine
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<EngineEvent> {
    return this.api.events(this.id, options);
  }

  /**
   * Cancels the orchestration and compensates its completed tasks. Resolves with the inspection after the cancellation.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on the Go engine
   */
  cancel(options: CancelOptions = {}): Promise<OrchestrationInspection> {
    return this.api.cancel(this.id, options);
  }
}
