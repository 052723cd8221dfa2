/** Acts on what is committed, at run time and after a restart alike: effects follow from committed state alone (E3). */
import { type OrraError, type Logger } from '@orra-ts/common';
import type { ProjectId } from '@orra-ts/protocol';
import { engineError } from '../errors';
import type { Catalog } from '../catalog/catalog';
import type { EventOf, OrchestrationEvent } from '../domain/orchestration/events';
import { mayHaveBeenAsked, revertIdOf } from '../domain/orchestration/evolve-compensations';
import type { EventFeed } from '../events/event-feed';
import type { Assignment } from './assignment';
import type { Assignments } from './assignments';
import type { Cancellations } from './cancellations';
import type { CommitListener } from './committer';
import type { DecisionLoop } from './decision-loop';
import { canClaim, type Dispatcher } from './dispatcher';
import type { Lifecycle } from './lifecycle';
import type { LiveOrchestration } from './live-orchestration';
import type { LiveOrchestrations } from './live-orchestrations';
import type { OrchestrationPlanning } from './orchestration-planning';
import type { ServiceConnections } from './service-connections';
import type { ServiceUsers } from './service-users';
import type { WebhookOutbox } from './webhook-outbox';

export interface EffectsOptions {
  readonly catalog: Catalog;
  readonly lifecycle: Lifecycle;
  readonly loop: DecisionLoop;
  readonly live: LiveOrchestrations;
  readonly assignments: Assignments;
  readonly dispatcher: Dispatcher;
  readonly users: ServiceUsers;
  readonly cancellations: Cancellations;
  readonly connections: ServiceConnections;
  readonly planning: OrchestrationPlanning;
  readonly outbox: WebhookOutbox;
  readonly events: EventFeed;
  readonly logger: Logger;
  /** The journal cannot be written: the process should end. */
  readonly onFailed: ((error: OrraError) => void) | undefined;
}

export class Effects implements CommitListener {
  constructor(private readonly options: EffectsOptions) {}

  committed(orchestration: LiveOrchestration, events: readonly OrchestrationEvent[]): void {
    const { assignments, dispatcher, outbox, live } = this.options;
    this.options.events.committed(orchestration.state);
    for (const event of events) {
      switch (event.type) {
        case 'task_started':
        case 'task_redelivered':
          dispatcher.send(assignments.ofTask(orchestration, event.taskId), event.id);
          break;
        case 'compensation_started':
          this.withRevert(orchestration, event, (revert) => dispatcher.send(revert, event.executionId));
          break;
        case 'task_paused':
          dispatcher.release(assignments.ofTask(orchestration, event.taskId));
          break;
        case 'task_completed':
        case 'task_attempt_failed':
        case 'task_aborted':
        case 'task_settled':
          this.taskSettled(orchestration, event);
          break;
        case 'compensation_paused':
        case 'compensation_held':
        case 'compensation_attempt_failed':
        case 'compensation_finished':
          this.withRevert(orchestration, event, (revert) => dispatcher.release(revert));
          break;
        case 'webhook_queued':
        case 'webhook_attempt_failed':
          outbox.send(orchestration, event.id);
          break;
        case 'orchestration_cancelled':
          orchestration.endPlanning(engineError('ORRA_PLANNING_CANCELLED', event.reason));
          this.endedBadly(orchestration);
          break;
        case 'orchestration_failed':
        case 'orchestration_aborted':
          this.endedBadly(orchestration);
          break;
        case 'submitted':
        case 'planned':
        case 'planning_failed':
        case 'task_updated':
        case 'orchestration_completed':
        case 'late_results_closed':
        case 'compensation_added':
        case 'in_doubt_recorded':
        case 'duplicate_recorded':
        case 'compensation_failure_resolved':
        case 'compensation_retried':
        case 'webhook_delivered':
        case 'webhook_given_up':
          break;
      }
    }
    live.forgetIfOver(orchestration);
  }

  failed(error: OrraError): void {
    const { lifecycle, logger, onFailed } = this.options;
    lifecycle.fail(error);
    logger.error('the engine stops: its journal cannot be written', { code: error.code, error: error.message });
    onFailed?.(error);
  }

  /** Continues an orchestration that was open when the engine stopped: what is due follows from its state. */
  resume(orchestration: LiveOrchestration): void {
    const { state } = orchestration;
    const { loop, assignments, dispatcher, connections, planning, outbox } = this.options;
    for (const task of state.tasks.values()) {
      const { serviceId, id } = task.plan;
      connections.holdForReconnect(serviceId);
      this.options.users.track(orchestration, serviceId);
      // Its service may still respond under its key.
      if (task.delivered === 0) continue;
      const assignment = assignments.ofTask(orchestration, id);
      if (state.status !== 'processing' || task.phase.kind === 'completed') continue;
      if (task.deliveries.length > 0 && this.canClaim(state.projectId, serviceId)) connections.holdForClaim(assignment);
      if (task.phase.kind === 'running') dispatcher.send(assignment, assignment.newestStart);
    }
    for (const revert of state.compensations) {
      if (!mayHaveBeenAsked(revert)) continue;
      const { id, phase, earlierRounds = [] } = revert;
      for (const round of earlierRounds) assignments.ofRevert(orchestration, id, round);
      const assignment = assignments.ofRevert(orchestration, id);
      if (assignment && phase.kind === 'running') dispatcher.send(assignment, assignment.newestStart);
    }
    outbox.resume(orchestration);
    if (state.status === 'pending') void planning.planAgain(orchestration);
    else loop.advance(orchestration);
  }

  /** Some of its deliveries are settled; connections that still have others are asked to stop (E12). */
  private taskSettled(
    orchestration: LiveOrchestration,
    { type, taskId }: EventOf<'task_completed' | 'task_attempt_failed' | 'task_aborted' | 'task_settled'>,
  ): void {
    const { assignments, dispatcher } = this.options;
    const { state, deliveries } = orchestration;
    const assignment = assignments.ofTask(orchestration, taskId);
    if (type !== 'task_settled') dispatcher.release(assignment);
    deliveries.prune(state, taskId);
    const task = state.tasks.get(taskId);
    if (type === 'task_completed' && task && task.deliveries.length > 0) this.options.cancellations.cancel(assignment);
  }

  /** Asks about every task that has no outcome yet (E10). What was not sent is not sent any more (E4). */
  private endedBadly(orchestration: LiveOrchestration): void {
    const { assignments, dispatcher } = this.options;
    for (const { plan, deliveries } of orchestration.state.tasks.values()) {
      if (deliveries.length > 0) this.options.cancellations.cancel(assignments.ofTask(orchestration, plan.id));
    }
    for (const assignment of orchestration.assignments.values()) {
      if (assignment.kind === 'task' && !assignment.connection) dispatcher.release(assignment);
    }
  }

  private withRevert(
    orchestration: LiveOrchestration,
    event: { readonly taskId: string; readonly revertId?: string },
    act: (revert: Assignment) => void,
  ): void {
    const revert = this.options.assignments.ofRevert(orchestration, revertIdOf(event));
    if (revert) act(revert);
  }

  private canClaim(projectId: ProjectId, serviceId: string): boolean {
    return canClaim(this.options.catalog.service(projectId, serviceId)?.capabilities ?? []);
  }
}
