/** The history of each task, from the events of one orchestration in one pass; tasks are matched by exact id. */
import {
  failureDetailsView,
  type FailureDetails,
  type InterimResultView,
  type TaskStatus,
  type TaskStatusEvent,
} from '@orra-ts/protocol';
import { CompensationHistory } from './compensation-history';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import type { OrchestrationState } from '../domain/orchestration/state';
import { shownTime, toTimestamp } from '../wire-time';

/** One task's part of an inspection, as far as it follows from events. */
export interface TaskHistory {
  readonly statuses: TaskStatusEvent[];
  readonly updates: InterimResultView[];
  readonly compensation: CompensationHistory;
  /** Times of the first and the newest status event, in milliseconds since 1970. */
  firstAt?: number;
  newestAt?: number;
}

export function taskHistories(
  state: OrchestrationState,
  events: readonly OrchestrationEvent[],
  compensationMaxAttempts: number,
): ReadonlyMap<string, TaskHistory> {
  const histories = new Map<string, TaskHistory>();
  for (const taskId of state.tasks.keys()) {
    histories.set(taskId, {
      statuses: [],
      updates: [],
      compensation: new CompensationHistory(taskId, compensationMaxAttempts),
    });
  }
  for (const event of events) {
    const history = 'taskId' in event ? histories.get(event.taskId) : undefined;
    if (history) record(history, { ...event, at: shownTime(event) }, state);
  }
  return histories;
}

function record(history: TaskHistory, event: OrchestrationEvent, state: OrchestrationState): void {
  switch (event.type) {
    case 'task_started':
      addStatus(history, state, event, 'processing');
      break;
    case 'task_paused':
      addStatus(history, state, event, 'paused', event.reason);
      break;
    case 'task_completed':
      addStatus(history, state, event, 'completed');
      break;
    case 'task_attempt_failed':
      addStatus(history, state, event, 'failed', event.error, event.failure);
      break;
    case 'task_aborted':
      addStatus(history, state, event, 'aborted');
      break;
    case 'task_updated':
      history.updates.push({
        id: `interim_${event.taskId}_${event.id}`,
        timestamp: toTimestamp(event.at),
        data: event.data,
      });
      break;
    case 'compensation_added':
    case 'compensation_started':
    case 'compensation_paused':
    case 'compensation_held':
    case 'compensation_attempt_failed':
    case 'compensation_retried':
    case 'compensation_finished':
    case 'in_doubt_recorded':
    case 'duplicate_recorded':
      history.compensation.record(event);
      break;
    case 'submitted':
    case 'planned':
    case 'planning_failed':
    case 'orchestration_completed':
    case 'orchestration_failed':
    case 'orchestration_aborted':
    case 'orchestration_cancelled':
    case 'late_results_closed':
    case 'task_redelivered':
    case 'task_settled':
    case 'compensation_failure_resolved':
    case 'webhook_queued':
    case 'webhook_attempt_failed':
    case 'webhook_delivered':
    case 'webhook_given_up':
      break;
  }
}

function addStatus(
  history: TaskHistory,
  state: OrchestrationState,
  { taskId, id, at }: { readonly taskId: string; readonly id: string; readonly at: number },
  status: TaskStatus,
  error?: string,
  failure?: FailureDetails,
): void {
  const serviceId = state.tasks.get(taskId)?.plan.serviceId;
  history.statuses.push({
    id: `evt_${taskId}_${id}`,
    orchestrationId: state.id,
    taskId,
    status,
    timestamp: toTimestamp(at),
    serviceId,
    error,
    ...(failure && { failureDetails: failureDetailsView(failure) }),
  });
  history.firstAt ??= at;
  history.newestAt = at;
}
