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
import type { ActionSubmitter, PreviewOptions, SubmitOptions } from './action';
import { type EngineHttp, type EngineResponse, expectMembers, pathSegment } from './engine-http';
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

/** An engine plans before it responds. The Go engine takes up to 180 s for that. */
const PLANNING_TIMEOUT_MS = 185_000;

export interface CancelOptions {
  /** Stored and shown with the orchestration. */
  readonly reason?: string;
}

/** Orchestrations of the API key's project. */
export class OrchestrationsApi implements ActionSubmitter {
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

  /** Lists the orchestrations by status, newest first in each group. Empty groups are absent. */
  async list(): Promise<OrchestrationList> {
    return expectMembers<OrchestrationList>(await this.http.send({ method: 'GET', path: '/orchestrations' }), []);
  }

  /** Returns the current state of an orchestration and its tasks. @throws OrraUnknownOrchestrationError `ORRA_UNKNOWN_ORCHESTRATION` */
  async inspect(id: string, { signal }: WatchOptions = {}): Promise<OrchestrationInspection> {
    const path = `/orchestrations/inspections/${pathSegment(id, 'id of the orchestration')}`;
    return expectMembers<OrchestrationInspection>(await this.http.send({ method: 'GET', path, signal }), [
      'id',
      'status',
    ]);
  }

  /** Like `OrchestrationHandle.result`, by id. */
  result<O = unknown>(id: string, options: ResultOptions = {}): Promise<OrchestrationResult<O>> {
    return awaitResult<O>(this.watcher, id, options);
  }

  /** Like `OrchestrationHandle.settled`, by id. */
  settled(id: string, options: ResultOptions = {}): Promise<OrchestrationInspection> {
    return awaitSettled(this.watcher, id, options);
  }

  /** Like `OrchestrationHandle.updates`, by id. */
  updates(id: string, options: WatchOptions = {}): AsyncIterableIterator<OrchestrationUpdate> {
    return readUpdates(this.watcher, id, options);
  }

  /** Like `OrchestrationHandle.events`, by id. */
  events(id: string, options: EventsOptions = {}): AsyncIterableIterator<EngineEvent> {
    return this.streams.forOrchestration(id, options);
  }

  /** Like `OrchestrationHandle.cancel`, by id. */
  async cancel(id: string, { reason }: CancelOptions = {}): Promise<OrchestrationInspection> {
    const path = `/orchestrations/${pathSegment(id, 'id of the orchestration')}/cancel`;
    const response = await this.http.send({ method: 'POST', path, body: { reason } });
    return expectMembers<OrchestrationInspection>(response, ['id', 'status']);
  }

  /**
   * Creates a short-lived token with which a browser can read this orchestration without an API key: as the query
   * parameter `token` of its events and its inspection.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on the Go engine
   */
  async createReadToken(id: string): Promise<ReadToken> {
    const path = `/orchestrations/${pathSegment(id, 'id of the orchestration')}/tokens`;
    return expectMembers<ReadToken>(await this.http.send({ method: 'POST', path }), ['token', 'expiresAt']);
  }

  /** @internal use `orra.action(…).submit()` */
  async submit(submission: Submission, { respondAsync = false }: SubmitOptions = {}): Promise<OrchestrationHandle> {
    const response = await this.http.send({
      method: 'POST',
      path: '/orchestrations',
      body: submission,
      timeoutMs: PLANNING_TIMEOUT_MS,
      prefer: respondAsync ? 'respond-async' : undefined,
    });
    const view = expectMembers<OrchestrationView>(response, ['id', 'status']);
    if (submission.plan && !isUnplanned(view, response) && !runsPlan(view, submission.plan)) {
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
    const response = await this.http.send({
      method: 'POST',
      path: '/plans',
      body: submission,
      timeoutMs: PLANNING_TIMEOUT_MS,
      signal,
    });
    return expectMembers<PlanPreview>(response, ['outcome']);
  }
}

/** The engine responded before planning, so the plan cannot be compared yet. */
const isUnplanned = ({ plan }: OrchestrationView, { headers }: EngineResponse): boolean =>
  !plan && headers['preference-applied'] === 'respond-async';

/** Whether the engine runs the submitted plan. An engine without explicit plans ignores it silently. */
function runsPlan(view: OrchestrationView, plan: Plan): boolean {
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
