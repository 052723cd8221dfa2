/**
 * From a submission to its plan: what is stored when, who waits for the plan, and who is told what when it does not come.
 */
import { OrraError, toError, type Clock, type Logger } from '@orra-ts/common';
import { mintOrchestrationId, type RandomBytes, type ServiceId, type Submission } from '@orra-ts/protocol';
import type { Catalog, Project } from '../catalog/catalog';
import type { Command } from '../domain/orchestration/decide';
import type { OrchestrationState } from '../domain/orchestration/state';
import type { Planner, PlanningOutcome } from '../planner/planner';
import { LiveOrchestration } from './live-orchestration';
import { Planning, plannedEvent, planningError } from './planning';
import { subjectOf, toSubmitted } from './submission';

export interface SubmitOptions {
  /** Does not wait for the plan. @default false */
  readonly respondAsync?: boolean;
  /** Of whoever waits for the plan. Read only when there is something to wait for, so that it can be made then. */
  readonly signal?: AbortSignal;
}

const SUBMITTER_GONE = 'whoever submitted it went away while it was planned';

export interface SubmissionsOptions {
  readonly catalog: Catalog;
  readonly planner: Planner;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
  /** Why the engine takes nothing more. */
  readonly stopped: () => OrraError | undefined;
  /** It is open from now on. */
  readonly begin: (orchestration: LiveOrchestration, id: string) => void;
  /** Resolves when what follows from the command is committed. */
  readonly execute: (orchestration: LiveOrchestration, command: Command) => Promise<void>;
  /** A command that nobody waits for. */
  readonly executeDetached: (orchestration: LiveOrchestration, command: Command) => void;
  /** It has work for this service. */
  readonly track: (orchestration: LiveOrchestration, serviceId: ServiceId) => void;
}

export class Submissions {
  private readonly planning: Planning;

  constructor(private readonly options: SubmissionsOptions) {
    this.planning = new Planning(options.planner, options.catalog);
  }

  /**
   * Resolves when its plan is committed; with `respondAsync` when the submission is. Whoever waits for a plan and goes away
   * (`signal`) ends the planning and with it the orchestration, which is cancelled.
   *
   * @throws OrraError `ORRA_NOT_ACTIONABLE`, `ORRA_PLANNING_FAILED`, `ORRA_PLANNING_CANCELLED`, none of them with `respondAsync`
   */
  async submit(project: Project, submission: Submission, options: SubmitOptions = {}): Promise<OrchestrationState> {
    const { clock, randomBytes, begin, execute } = this.options;
    const ids = { orchestrationId: mintOrchestrationId(randomBytes), projectId: project.id };
    const submitted = toSubmitted(submission, ids, clock.now());
    const orchestration = new LiveOrchestration();
    // A plan that is there at once is stored with its submission; a model's answer is waited for behind it.
    const answer = this.planning.plan(
      project,
      { ...submitted, explicit: submission.plan },
      () => orchestration.planningSignal,
    );
    if (answer instanceof Promise) this.refuseWhenPlanningIsFull(orchestration);
    // Whoever plans it again after a restart must know it.
    const explicit = answer instanceof Promise && submission.plan ? { explicit: submission.plan } : {};
    begin(orchestration, ids.orchestrationId);
    const accepted = execute(orchestration, { kind: 'submit', submitted: { ...submitted, ...explicit } });
    const planned = this.whenPlanned(orchestration, accepted, answer);
    if (options.respondAsync) {
      planned.catch((error: unknown) => this.reportUnplanned(orchestration, error));
      await accepted;
      // What was there at once is committed with the submission.
      if (!(answer instanceof Promise)) await planned;
      return orchestration.state;
    }
    const outcome =
      answer instanceof Promise ? await this.waitedFor(orchestration, planned, options.signal) : await planned;
    if (outcome.kind !== 'planned') throw planningError(outcome, ids.orchestrationId);
    return orchestration.state;
  }

  /** A plan that is not run. */
  preview(project: Project, submission: Submission, signal?: AbortSignal): Promise<PlanningOutcome> {
    this.planning.refuseWhenFull();
    return this.planning.preview(project, subjectOf(submission), signal);
  }

  /** Resolves when what came of it is committed. */
  private async whenPlanned(
    orchestration: LiveOrchestration,
    accepted: Promise<void>,
    answer: PlanningOutcome | Promise<PlanningOutcome>,
  ): Promise<PlanningOutcome> {
    if (!(answer instanceof Promise)) {
      await this.planned(orchestration, answer);
      return answer;
    }
    await accepted;
    const outcome = await answer;
    // The end of this engine is no answer of a planner: the next one asks again.
    const stopped = this.options.stopped();
    if (stopped) throw stoppedWhilePlanning(stopped, orchestration.state.id);
    await this.planned(orchestration, outcome);
    return outcome;
  }

  private async waitedFor(
    orchestration: LiveOrchestration,
    planned: Promise<PlanningOutcome>,
    signal: AbortSignal | undefined,
  ): Promise<PlanningOutcome> {
    const gone = (): void => {
      // What is decided is on its way into the journal: a plan that runs does not need its submitter.
      if (orchestration.state.status !== 'pending') return;
      this.options.executeDetached(orchestration, { kind: 'cancel', reason: SUBMITTER_GONE });
    };
    if (signal?.aborted) gone();
    signal?.addEventListener('abort', gone, { once: true });
    try {
      const outcome = await planned;
      const { status, plan, error, id } = orchestration.state;
      if (plan || status !== 'cancelled') return outcome;
      const reason = typeof error === 'string' ? error : SUBMITTER_GONE;
      throw new OrraError('ORRA_PLANNING_CANCELLED', `${id} was cancelled while it was planned: ${reason}`, {
        details: { orchestrationId: id },
      });
    } finally {
      signal?.removeEventListener('abort', gone);
    }
  }

  private planned(orchestration: LiveOrchestration, outcome: PlanningOutcome): Promise<void> {
    // It may have been cancelled while it was planned.
    if (outcome.kind === 'planned' && orchestration.state.status === 'pending') {
      for (const { serviceId } of outcome.plan.tasks) this.options.track(orchestration, serviceId);
    }
    return this.options.execute(orchestration, {
      kind: 'plan',
      planned: plannedEvent(outcome, this.options.clock.now()),
    });
  }

  private reportUnplanned({ state: { id } }: LiveOrchestration, error: unknown): void {
    if (this.options.stopped()) return;
    this.options.logger.error('what came of planning an orchestration was not stored', {
      orchestrationId: id,
      error: toError(error).message,
    });
  }

  /** What was stored before a restart, and had no plan yet. */
  async planAgain(orchestration: LiveOrchestration): Promise<void> {
    const { state } = orchestration;
    const project = this.options.catalog.project(state.projectId);
    const answer: PlanningOutcome | Promise<PlanningOutcome> = project
      ? this.planning.plan(project, state, () => orchestration.planningSignal)
      : { kind: 'failed', reason: 'its project is gone' };
    try {
      await this.whenPlanned(orchestration, Promise.resolve(), answer);
    } catch (error) {
      this.reportUnplanned(orchestration, error);
    }
  }

  /** Plans that are there at once are taken all the same, and so is what was stored before a restart. */
  private refuseWhenPlanningIsFull(orchestration: LiveOrchestration): void {
    try {
      this.planning.refuseWhenFull();
    } catch (error) {
      orchestration.endPlanning(error);
      throw error;
    }
  }

  /** Ends the previews; orchestrations end their own planning. */
  close(reason: OrraError): void {
    this.planning.close(reason);
  }
}

/** The submission is stored, so that whoever sends it again would have it done twice. */
const stoppedWhilePlanning = ({ code, message }: OrraError, orchestrationId: string): OrraError =>
  new OrraError(
    code,
    `${message}; ${orchestrationId} is stored and is planned when the engine is back: inspect it, do not submit it again`,
    { details: { orchestrationId }, retryable: false },
  );
