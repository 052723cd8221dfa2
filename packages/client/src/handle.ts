import type { OrchestrationInspection, OrchestrationStatus, OrchestrationView, PlanView } from '@orra-ts/protocol';
import type { EngineEvent, EventsOptions } from './event-stream';
import type { OrchestrationResult } from './result';
import type { OrchestrationUpdate, ResultOptions, WatchOptions } from './watch';
import type { CancelOptions, OrchestrationsApi } from './orchestrations';

/** A submitted orchestration. It holds nothing open and needs no closing. */
export class OrchestrationHandle {
  /** @internal */
  constructor(
    /** What the engine answered at submission. */
    readonly submitted: OrchestrationView,
    private readonly api: OrchestrationsApi,
  ) {}

  get id(): string {
    return this.submitted.id;
  }

  /** At submission; `inspect()` tells the present one. */
  get status(): OrchestrationStatus {
    return this.submitted.status;
  }

  /** The plan as it runs, task0 left out; null where the engine does not show it, and while it is planned. */
  get plan(): PlanView | null {
    return this.submitted.plan ?? null;
  }

  /** The orchestration and its tasks as they are now. On the Go engine this may fail just after the submission. */
  inspect(options: WatchOptions = {}): Promise<OrchestrationInspection> {
    return this.api.inspect(this.id, options);
  }

  /**
   * Waits for the end. Failure and abort are results, not errors.
   *
   * @throws OrraResultTimeoutError `ORRA_RESULT_TIMEOUT` when `timeout` is over first; the orchestration runs on
   * @throws OrraError `ORRA_UNREACHABLE` when the engine has not answered for a minute
   */
  result<O = unknown>(options: ResultOptions = {}): Promise<OrchestrationResult<O>> {
    return this.api.result<O>(this.id, options);
  }

  /**
   * Waits for the end and for what follows from it: the compensation of completed tasks. Answers the last inspection. On
   * the Go engine a compensation that has not begun is not visible, so this may answer before it.
   *
   * @throws OrraResultTimeoutError `ORRA_RESULT_TIMEOUT` when `timeout` is over first; the orchestration runs on
   * @throws OrraError `ORRA_UNREACHABLE` when the engine has not answered for a minute
   */
  settled(options: ResultOptions = {}): Promise<OrchestrationInspection> {
    return this.api.settled(this.id, options);
  }

  /** The tasks' progress updates as they come, each once, from the first one on, until the orchestration has ended. */
  updates(options: WatchOptions = {}): AsyncIterableIterator<OrchestrationUpdate> {
    return this.api.updates(this.id, options);
  }

  /**
   * Everything that happens to it, from the beginning or behind the event whose id is given, until it has ended and its
   * compensation is over.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines without events, such as the Go engine
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<EngineEvent> {
    return this.api.events(this.id, options);
  }

  /**
   * Ends it from outside; what its tasks have done is compensated. Answers the inspection just after.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on the Go engine, which cannot
   */
  cancel(options: CancelOptions = {}): Promise<OrchestrationInspection> {
    return this.api.cancel(this.id, options);
  }
}
