/** `core.orchestrations`: submissions, lists, histories, cancellation and read tokens. */
import { type Clock } from '@orra-ts/common';
import {
  mintOrchestrationId,
  type OrchestrationId,
  type RandomBytes,
  type ReadToken,
  type Submission,
} from '@orra-ts/protocol';
import { engineError } from '../errors';
import type { Project } from '../catalog/catalog';
import type { DecisionContext } from '../domain/orchestration/decide';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { replay } from '../domain/orchestration/evolve';
import type { OrchestrationState } from '../domain/orchestration/state';
import type { ReadTokens } from '../events/read-tokens';
import type { Journal, ListedOrchestration } from '../journal/journal';
import type { PlanningOutcome } from '../planner/planner';
import type { DecisionLoop } from './decision-loop';
import type { Lifecycle } from './lifecycle';
import { LiveOrchestration } from './live-orchestration';
import type { LiveOrchestrations } from './live-orchestrations';
import type { OrchestrationPlanning } from './orchestration-planning';
import { planningError, type Planning } from './planning';
import { subjectOf, toSubmitted } from './submission';

export interface History {
  readonly state: OrchestrationState;
  readonly events: readonly OrchestrationEvent[];
  /** For `waitingFor`. */
  readonly waits: Pick<DecisionContext, 'timings' | 'resumedAt'>;
}

export interface SubmitOptions {
  /** Does not wait for the plan. @default false */
  readonly respondAsync?: boolean;
  /** Returns a signal that aborts when the submitter disconnects. Called only if the plan has to be waited for. */
  readonly signal?: () => AbortSignal;
}

export interface OrchestrationsOptions {
  readonly journal: Journal;
  readonly lifecycle: Lifecycle;
  readonly loop: DecisionLoop;
  readonly live: LiveOrchestrations;
  readonly previews: Planning;
  readonly planning: OrchestrationPlanning;
  readonly readTokens: ReadTokens;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

const SUBMITTER_GONE = 'whoever submitted it went away while it was planned';

export class Orchestrations {
  constructor(private readonly options: OrchestrationsOptions) {}

  /**
   * Resolves when the plan is committed; with `respondAsync` when the submission is. If the submitter disconnects while it
   * waits for a plan (`signal`), the orchestration is cancelled.
   *
   * @throws OrraError `ORRA_INVALID_SUBMISSION`, `ORRA_ENGINE_STOPPING`, `ORRA_ENGINE_FULL`; without `respondAsync` also
   * `ORRA_NOT_ACTIONABLE`, `ORRA_PLANNING_FAILED` and `ORRA_PLANNING_CANCELLED`
   */
  async submit(project: Project, submission: Submission, options: SubmitOptions = {}): Promise<OrchestrationState> {
    const { lifecycle, live, loop, planning, clock, randomBytes } = this.options;
    lifecycle.throwIfStopped();
    live.throwIfFull();
    const ids = { orchestrationId: mintOrchestrationId(randomBytes), projectId: project.id };
    const submitted = {
      ...toSubmitted(submission, ids, clock.now()),
      ...(this.options.previews.hasSensitiveInputs(project) && { hidesData: true as const }),
    };
    const orchestration = new LiveOrchestration();
    // A plan that is returned at once is stored with its submission; a model is waited for behind the stored submission.
    const plan = planning.plan(orchestration, project, { ...submitted, explicit: submission.plan });
    const isPending = plan instanceof Promise;
    // An engine that plans it again after a restart needs the submitted plan.
    const explicit = isPending && submission.plan ? { explicit: submission.plan } : {};
    live.begin(ids.orchestrationId, orchestration);
    const accepted = loop.execute(orchestration, { kind: 'submit', submitted: { ...submitted, ...explicit } });
    const planned = planning.store(orchestration, accepted, plan);
    if (options.respondAsync) {
      planned.catch((error: unknown) => planning.reportUnstored(orchestration, error));
      await accepted;
      // A plan that was returned at once is committed with the submission.
      if (!isPending) await planned;
      return orchestration.state;
    }
    const outcome = isPending
      ? await this.whileSubmitterWaits(orchestration, planned, options.signal?.())
      : await planned;
    if (outcome.kind !== 'planned') throw planningError(outcome, ids.orchestrationId);
    return orchestration.state;
  }

  /** Resolves with the plan that would run. Planning ends when the signal aborts. */
  async preview(project: Project, submission: Submission, signal?: AbortSignal): Promise<PlanningOutcome> {
    const { lifecycle, previews } = this.options;
    lifecycle.throwIfStopped();
    previews.throwIfFull();
    const outcome = await previews.preview(project, subjectOf(submission), signal);
    lifecycle.throwIfStopped();
    return outcome;
  }

  /** Newest first. */
  list(project: Project): Promise<readonly ListedOrchestration[]> {
    return this.options.journal.list(project.id);
  }

  /**
   * Undefined if the project has no such orchestration.
   *
   * @param project undefined for the holder of a read token
   */
  async history(project: Project | undefined, id: string): Promise<History | undefined> {
    const stored = await this.options.journal.load(id as OrchestrationId);
    if (!stored || (project && stored.projectId !== project.id)) return undefined;
    const { live, loop } = this.options;
    return { state: replay(live.asDecided(id, stored.events)), events: stored.events, waits: loop.waits };
  }

  /**
   * Ends the orchestration unless it has ended; completed work is compensated. Resolves with false if the project has no
   * such orchestration.
   */
  async cancel(project: Project, id: string, reason: string): Promise<boolean> {
    this.options.lifecycle.throwIfStopped();
    return await this.options.live.execute(project, id, { kind: 'cancel', reason });
  }

  /** Undefined if the project has no such orchestration. */
  async createReadToken(project: Project, id: string): Promise<ReadToken | undefined> {
    const part = await this.options.journal.part(id as OrchestrationId, 0, 0);
    return part?.projectId === project.id ? this.options.readTokens.issue(id) : undefined;
  }

  isReadToken(id: string, token: string): boolean {
    return this.options.readTokens.isValid(id, token);
  }

  private async whileSubmitterWaits(
    orchestration: LiveOrchestration,
    planned: Promise<PlanningOutcome>,
    signal: AbortSignal | undefined,
  ): Promise<PlanningOutcome> {
    const gone = (): void => {
      // A plan that is decided is on its way into the journal, and runs without its submitter.
      if (orchestration.state.status !== 'pending') return;
      this.options.loop.executeDetached(orchestration, { kind: 'cancel', reason: SUBMITTER_GONE });
    };
    if (signal?.aborted) gone();
    signal?.addEventListener('abort', gone, { once: true });
    try {
      const outcome = await planned;
      const { status, plan, error, id } = orchestration.state;
      if (plan || status !== 'cancelled') return outcome;
      const reason = typeof error === 'string' ? error : SUBMITTER_GONE;
      throw engineError('ORRA_PLANNING_CANCELLED', `${id} was cancelled during planning: ${reason}`, {
        details: { orchestrationId: id },
      });
    } finally {
      signal?.removeEventListener('abort', gone);
    }
  }
}
