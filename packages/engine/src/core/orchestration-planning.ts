/** The plan of an orchestration: asks for it, and stores what planning resulted in as the orchestration's next events. */
import { type OrraError, toError, type Clock, type Logger } from '@orra-ts/common';
import type { Catalog, Project } from '../catalog/catalog';
import { rewordedError } from '../errors';
import type { PlanningOutcome } from '../planner/planner';
import type { DecisionLoop } from './decision-loop';
import type { ServiceUsers } from './service-users';
import type { Lifecycle } from './lifecycle';
import type { LiveOrchestration } from './live-orchestration';
import { plannedEvent, type Planning, type PlanningSubject } from './planning';

export interface OrchestrationPlanningOptions {
  readonly planning: Planning;
  readonly lifecycle: Lifecycle;
  readonly loop: DecisionLoop;
  readonly users: ServiceUsers;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class OrchestrationPlanning {
  constructor(private readonly options: OrchestrationPlanningOptions) {}

  /**
   * Returns the plan at once if the planner does. Never rejects: a failure is an outcome.
   *
   * @throws OrraError `ORRA_ENGINE_FULL` if the plan takes time and too many others wait for theirs
   */
  plan(
    orchestration: LiveOrchestration,
    project: Project,
    subject: PlanningSubject,
  ): PlanningOutcome | Promise<PlanningOutcome> {
    const { planning } = this.options;
    const outcome = planning.plan(project, subject, () => orchestration.planningSignal);
    if (!(outcome instanceof Promise)) return outcome;
    try {
      planning.throwIfFull();
    } catch (error) {
      orchestration.endPlanning(error);
      throw error;
    }
    return outcome;
  }

  /** Resolves when the outcome is committed. */
  async store(
    orchestration: LiveOrchestration,
    accepted: Promise<void>,
    planned: PlanningOutcome | Promise<PlanningOutcome>,
  ): Promise<PlanningOutcome> {
    if (!(planned instanceof Promise)) {
      await this.commit(orchestration, planned);
      return planned;
    }
    await accepted;
    const outcome = await planned;
    // The end of this engine is not an outcome of planning: the next engine asks again.
    const { stopped } = this.options.lifecycle;
    if (stopped) throw stoppedWhilePlanning(stopped, orchestration.state.id);
    await this.commit(orchestration, outcome);
    return outcome;
  }

  /** Plans an orchestration that was stored before a restart and has no plan yet. */
  async planAgain(orchestration: LiveOrchestration): Promise<void> {
    const { planning, catalog } = this.options;
    const { state } = orchestration;
    const project = catalog.project(state.projectId);
    // It was accepted before, so no limit applies to it.
    const planned: PlanningOutcome | Promise<PlanningOutcome> = project
      ? planning.plan(project, state, () => orchestration.planningSignal)
      : { kind: 'failed', reason: 'its project is gone' };
    try {
      await this.store(orchestration, Promise.resolve(), planned);
    } catch (error) {
      this.reportUnstored(orchestration, error);
    }
  }

  /** Logs an outcome that could not be stored and that no caller waits for. */
  reportUnstored({ state: { id } }: LiveOrchestration, error: unknown): void {
    const { lifecycle, logger } = this.options;
    if (lifecycle.stopped) return;
    logger.error('what came of planning an orchestration was not stored', {
      orchestrationId: id,
      error: toError(error).message,
    });
  }

  private commit(orchestration: LiveOrchestration, outcome: PlanningOutcome): Promise<void> {
    const { loop, users, clock } = this.options;
    // It may have been cancelled while it was planned.
    if (outcome.kind === 'planned' && orchestration.state.status === 'pending') {
      for (const { serviceId } of outcome.plan.tasks) users.track(orchestration, serviceId);
    }
    return loop.execute(orchestration, { kind: 'plan', planned: plannedEvent(outcome, clock.now()) });
  }
}

/** The submission is stored, so that a second submission would run it twice. */
const stoppedWhilePlanning = (stopped: OrraError, orchestrationId: string): OrraError =>
  rewordedError(
    stopped,
    `${stopped.message}; ${orchestrationId} is stored and is planned when the engine runs again: inspect it, do not submit it again`,
    { details: { orchestrationId }, retryable: false },
  );
