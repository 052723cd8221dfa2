/** The records of compensations that were given up, as the journal keeps them beside the events. */
import type { OrchestrationEvent } from '../domain/orchestration/events';
import type { CompensationState, OrchestrationState } from '../domain/orchestration/state';
import type { StoredFailure } from '../journal/journal';

/** The records that these events, the newest ones of the state, created or changed. */
export function changedFailures(state: OrchestrationState, events: readonly OrchestrationEvent[]): StoredFailure[] {
  const changed = new Set<string>();
  for (const event of events) {
    if (
      event.type === 'compensation_finished' ||
      event.type === 'compensation_failure_resolved' ||
      event.type === 'compensation_retried'
    ) {
      changed.add(event.taskId);
    }
  }
  if (changed.size === 0) return [];
  return state.compensations.flatMap((compensation) =>
    changed.has(compensation.taskId) ? (failureRecord(state, compensation) ?? []) : [],
  );
}

function failureRecord(state: OrchestrationState, { taskId, failure }: CompensationState): StoredFailure | undefined {
  const task = state.tasks.get(taskId);
  if (!failure || !task) return undefined;
  const stored = task.phase.kind === 'completed' ? task.phase.compensation : undefined;
  const { ending, changedAt } = state;
  return {
    ...failure,
    projectId: state.projectId,
    orchestrationId: state.id,
    taskId,
    serviceId: task.plan.serviceId,
    serviceName: task.plan.serviceName,
    data: stored?.data ?? null,
    context: {
      reason: state.status,
      payload: ending?.payload,
      at: ending?.at ?? changedAt,
    },
    ttlMs: stored?.ttlMs ?? 0,
  };
}
