/** Acts on what is committed, at run time and after a restart alike: effects follow from committed state alone (E3). */
import { type OrraError, type Logger } from '@orra-ts/common';
import { engineError } from '../errors';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import type { EventFeed } from '../events/event-feed';
import type { Assignments } from './assignments';
import type { CommitListener } from './committer';
import type { DecisionLoop } from './decision-loop';
import type { Dispatcher } from './dispatcher';
import type { Lifecycle } from './lifecycle';
import type { LiveOrchestration } from './live-orchestration';
import type { LiveOrchestrations } from './live-orchestrations';
import type { OrchestrationPlanning } from './orchestration-planning';
import type { ServiceConnections } from './service-connections';
import type { WebhookOutbox } from './webhook-outbox';

export interface EffectsOptions {
  readonly lifecycle: Lifecycle;
  readonly loop: DecisionLoop;
  readonly live: LiveOrchestrations;
  readonly assignments: Assignments;
  readonly dispatcher: Dispatcher;
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
          dispatcher.send(assignments.of(orchestration, 'task', event.taskId));
          break;
        case 'compensation_started':
          dispatcher.send(assignments.of(orchestration, 'compensation', event.taskId));
          break;
        case 'task_paused':
        case 'task_completed':
        case 'task_attempt_failed':
        case 'task_aborted':
          dispatcher.release(assignments.of(orchestration, 'task', event.taskId));
          break;
        case 'compensation_paused':
        case 'compensation_attempt_failed':
        case 'compensation_finished':
          dispatcher.release(assignments.of(orchestration, 'compensation', event.taskId));
          break;
        case 'webhook_queued':
        case 'webhook_attempt_failed':
          outbox.send(orchestration, event.id);
          break;
        case 'orchestration_cancelled':
          orchestration.endPlanning(engineError('ORRA_PLANNING_CANCELLED', event.reason));
          break;
        case 'submitted':
        case 'planned':
        case 'planning_failed':
        case 'task_updated':
        case 'orchestration_completed':
        case 'orchestration_failed':
        case 'orchestration_aborted':
        case 'late_results_closed':
        case 'task_redelivered':
        case 'task_settled':
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
      const { serviceId } = task.plan;
      connections.holdForReconnect(serviceId);
      dispatcher.track(orchestration, serviceId);
      const { kind } = task.phase;
      if (kind === 'waiting' || kind === 'completed' || kind === 'failed' || kind === 'aborted') continue;
      const assignment = assignments.of(orchestration, 'task', task.plan.id);
      if (kind === 'running' && state.status === 'processing') dispatcher.send(assignment);
    }
    for (const { taskId, phase } of state.compensations) {
      if (phase.kind === 'pending' || phase.kind === 'finished') continue;
      const assignment = assignments.of(orchestration, 'compensation', taskId);
      if (phase.kind === 'running') dispatcher.send(assignment);
    }
    outbox.resume(orchestration);
    if (state.status === 'pending') void planning.planAgain(orchestration);
    else loop.advance(orchestration);
  }
}
