/** Bodies of webhooks (`docs/webhooks.md#what-is-sent`). They come from committed state alone (E3), so every attempt sends the same. */
import type { CompensationWebhook, OrchestrationWebhook, OrchestrationWebhookType } from '@orra-ts/protocol';
import type { QueuedFailure } from '../domain/orchestration/events';
import type { OrchestrationState, WebhookDelivery } from '../domain/orchestration/state';
import { toTimestamp } from '../wire-time';

export function webhookBody(
  state: OrchestrationState,
  { failure, queuedAt }: WebhookDelivery,
): OrchestrationWebhook | CompensationWebhook {
  return failure ? compensationWebhook(state, failure, queuedAt) : orchestrationWebhook(state);
}

function orchestrationWebhook(state: OrchestrationState): OrchestrationWebhook {
  const { id, status, results, error, ending, changedAt } = state;
  const type = `orchestration.${status}` as OrchestrationWebhookType;
  return {
    event_id: eventId(id, status, changedAt),
    type,
    project_id: state.projectId,
    orchestration_id: id,
    status,
    timestamp: toTimestamp(changedAt),
    // The Go engine stores `[null]` for an orchestration that ran and has no result.
    results: results ?? (status === 'cancelled' ? undefined : [null]),
    error,
    abort_reason: status === 'aborted' ? ending?.payload : undefined,
  };
}

function compensationWebhook(
  state: OrchestrationState,
  { id, taskId, status, error }: QueuedFailure,
  at: number,
): CompensationWebhook {
  const task = state.tasks.get(taskId);
  const stored = task?.phase.kind === 'completed' ? task.phase.compensation : undefined;
  const { ending, changedAt } = state;
  return {
    event_id: eventId(id, status, at),
    type: 'compensation.failed',
    compensation_id: id,
    project_id: state.projectId,
    orchestration_id: state.id,
    task_id: taskId,
    service_id: task?.plan.serviceId ?? '',
    service_name: task?.plan.serviceName ?? '',
    status,
    failure: error,
    compensation_data: {
      data: stored?.data ?? null,
      context: {
        orchestrationId: state.id,
        reason: state.status,
        payload: ending?.payload,
        timestamp: toTimestamp(ending?.at ?? changedAt),
      },
      ttl: stored?.ttlMs ?? 0,
    },
    timestamp: toTimestamp(at),
  };
}

const eventId = (id: string, status: string, at: number): string => `${id}-${status}-${Math.floor(at / 1000)}`;
