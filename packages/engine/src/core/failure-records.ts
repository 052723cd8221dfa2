/** The records for operators, as the journal keeps them beside the events. */
import { isTerminalStatus } from '@orra-ts/protocol';
import type { EventOf, OrchestrationEvent } from '../domain/orchestration/events';
import { shownOrchestration } from '../domain/orchestration/shown';
import type { CompensationState, OrchestrationState } from '../domain/orchestration/state';
import type { StoredFailure } from '../journal/journal';

/** The records that these events, the newest ones of the state, created or changed. */
export function changedFailures(state: OrchestrationState, events: readonly OrchestrationEvent[]): StoredFailure[] {
  const changed = new Set<string>();
  for (const event of events) if (changesRecords(event, state)) changed.add(event.taskId);
  if (changed.size === 0) return [];
  const { state: shown } = shownOrchestration(state);
  return shown.compensations.flatMap((compensation) =>
    changed.has(compensation.taskId) ? (failureRecord(shown, compensation) ?? []) : [],
  );
}

const RECORD_EVENTS = [
  'compensation_finished',
  'compensation_failure_resolved',
  'compensation_retried',
  'in_doubt_recorded',
  'duplicate_recorded',
] as const;

/** The output of a late success is shown in the record that an operator has decided. */
const changesRecords = (
  event: OrchestrationEvent,
  { status }: OrchestrationState,
): event is EventOf<(typeof RECORD_EVENTS)[number] | 'task_completed'> =>
  RECORD_EVENTS.some((type) => type === event.type) || (event.type === 'task_completed' && isTerminalStatus(status));

function failureRecord(
  state: OrchestrationState,
  { taskId, failure, compensation, ttlMs }: CompensationState,
): StoredFailure | undefined {
  const task = state.tasks.get(taskId);
  if (!failure || !task) return undefined;
  const { ending, changedAt } = state;
  return {
    ...failure,
    projectId: state.projectId,
    orchestrationId: state.id,
    taskId,
    serviceId: task.plan.serviceId,
    serviceName: task.plan.serviceName,
    data: compensation?.data ?? null,
    context: {
      reason: state.status,
      payload: ending?.payload,
      at: ending?.at ?? changedAt,
    },
    ttlMs,
  };
}
