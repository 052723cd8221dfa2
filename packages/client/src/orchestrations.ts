import {
  type OrchestrationInspection,
  type OrchestrationList,
  type OrchestrationView,
  type Plan,
  type PlanPreview,
  type ReadToken,
  type Submission,
  TASK_ZERO,
} from '@orra-ts/protocol';
import type { ActionReceiver, PreviewOptions, SubmitOptions } from './action';
import { type EngineHttp, type EngineReply, expectMembers, pathSegment } from './engine-http';
import { OrraNotSupportedError } from './errors';
import type { EngineEvent, EventStreams, EventsOptions } from './event-stream';
import { OrchestrationHandle } from './handle';
import type { ResolvedOrraClientOptions } from './options';
import type { OrchestrationResult } from './result';
import {
  type OrchestrationUpdate,
  type ResultOptions,
  type WatchOptions,
  type Watcher,
  awaitResult,
  awaitSettled,
  readUpdates,
} from './watch';

/** An engine plans before it answers, and the public one takes up to 180 s for it. */
const PLANNING_TIMEOUT_MS = 185_000;

export interface CancelOptions {
  /** Shown with the orchestration. */
  readonly reason?: string;
}

/** Orchestrations of the key's project. */
export class OrchestrationsApi implements ActionReceiver {
  private readonly watcher: Watcher;

  /** @internal */
  constructor(
    private readonly http: EngineHttp,
    private readonly streams: EventStreams,
    { clock, random, logger }: ResolvedOrraClientOptions,
  ) {
    this.watcher = {
      inspect: (id: string, signal?: AbortSignal) => this.inspect(id, { signal }),
      streams,
      clock,
      random,
      logger,
    };
  }

  /** Grouped by status, each group newest first; an empty group is absent. */
  async list(): Promise<OrchestrationList> {
    return expectMembers<OrchestrationList>(await this.http.send({ method: 'GET', path: '/orchestrations' }), []);
  }

  /** @throws OrraUnknownOrchestrationError `ORRA_UNKNOWN_ORCHESTRATION` */
  async inspect(id: string, { signal }: WatchOptions = {}): Promise<OrchestrationInspection> {
    const path = `/orchestrations/inspections/${pathSegment(id, 'id of the orchestration')}`;
    return expectMembers<OrchestrationInspection>(await this.http.send({ method: 'GET', path, signal }), [
      'id',
      'status',
    ]);
  }

  /** As `OrchestrationHandle.result`, for an id kept from elsewhere. */
  result<O = unknown>(id: string, options: ResultOptions = {}): Promise<OrchestrationResult<O>> {
    return awaitResult<O>(this.watcher, id, options);
  }

  /** As `OrchestrationHandle.settled`, for an id kept from elsewhere. */
  settled(id: string, options: ResultOptions = {}): Promise<OrchestrationInspection> {
    return awaitSettled(this.watcher, id, options);
  }

  /** As `OrchestrationHandle.updates`, for an id kept from elsewhere. */
  updates(id: string, options: WatchOptions = {}): AsyncIterableIterator<OrchestrationUpdate> {
    return readUpdates(this.watcher, id, options);
  }

  /** As `OrchestrationHandle.events`, for an id kept from elsewhere. */
  events(id: string, options: EventsOptions = {}): AsyncIterableIterator<EngineEvent> {
    return this.streams.ofOrchestration(id, options);
  }

  /** As `OrchestrationHandle.cancel`, for an id kept from elsewhere. */
  async cancel(id: string, { reason }: CancelOptions = {}): Promise<OrchestrationInspection> {
    const path = `/orchestrations/${pathSegment(id, 'id of the orchestration')}/cancel`;
    const reply = await this.http.send({ method: 'POST', path, body: { reason } });
    return expectMembers<OrchestrationInspection>(reply, ['id', 'status']);
  }

  /**
   * A short-lived token with which a browser can follow this orchestration without the project's key: as the query
   * `?token=` on its events and its inspection.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on the Go engine, which has none
   */
  async createReadToken(id: string): Promise<ReadToken> {
    const path = `/orchestrations/${pathSegment(id, 'id of the orchestration')}/tokens`;
    return expectMembers<ReadToken>(await this.http.send({ method: 'POST', path }), ['token', 'expiresAt']);
  }

  /** @internal use `orra.action(…).submit()` */
  async submit(submission: Submission, { respondAsync = false }: SubmitOptions = {}): Promise<OrchestrationHandle> {
    const reply = await this.http.send({
      method: 'POST',
      path: '/orchestrations',
      body: submission,
      timeoutMs: PLANNING_TIMEOUT_MS,
      ...(respondAsync ? { prefer: 'respond-async' } : {}),
    });
    const view = expectMembers<OrchestrationView>(reply, ['id', 'status']);
    if (submission.plan && !isUnplanned(view, reply) && !runs(view, submission.plan)) {
      throw new OrraNotSupportedError(
        `the engine accepted orchestration ${view.id} but planned it itself: like the Go engine, it does not run explicit plans; define the action there, or use an engine that announces \`plans\``,
        { details: { orchestrationId: view.id } },
      );
    }
    this.watcher.logger.debug('orchestration submitted', { orchestrationId: view.id, status: view.status });
    return new OrchestrationHandle(view, this);
  }

  /** @internal use `orra.action(…).preview()` */
  async preview(submission: Submission, { signal }: PreviewOptions = {}): Promise<PlanPreview> {
    const reply = await this.http.send({
      method: 'POST',
      path: '/plans',
      body: submission,
      timeoutMs: PLANNING_TIMEOUT_MS,
      signal,
    });
    return expectMembers<PlanPreview>(reply, ['outcome']);
  }
}

/** Answered early: there is no plan yet to look at. */
const isUnplanned = ({ plan }: OrchestrationView, { headers }: EngineReply): boolean =>
  !plan && headers['preference-applied'] === 'respond-async';

/** Whether the plan in the answer is the one that was sent: an engine without explicit plans ignores it silently. */
function runs(view: OrchestrationView, plan: Plan): boolean {
  if (view.planSource) return view.planSource.kind === 'explicit';
  const wanted = plan.tasks.filter(({ id }) => id.toLowerCase() !== TASK_ZERO);
  const planned = view.plan?.tasks ?? [];
  return (
    wanted.length === planned.length &&
    wanted.every(({ id, service }) =>
      planned.some((task) => task.id === id && (task.service === service || task.service_name === service)),
    )
  );
}
