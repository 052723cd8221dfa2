/** Bodies of webhooks (`docs/webhooks.md#what-is-sent`). They come from committed state alone (E3), so every attempt sends the same. */
import type { CompensationWebhook, OrchestrationWebhook, OrchestrationWebhookType } from '@orra-ts/protocol';
import type { QueuedFailure } from '../domain/orchestration/events';
import { shownOrchestration } from '../domain/orchestration/shown';
import type { OrchestrationState, WebhookDelivery } from '../domain/orchestration/state';
import { toTimestamp } from '../wire-time';

export function webhookBody(
  original: OrchestrationState,
  { failure, queuedAt }: WebhookDelivery,
): OrchestrationWebhook | CompensationWebhook {
  const { state, part } = shownOrchestration(original);
  return failure ? compensationWebhook(state, part(failure), queuedAt) : orchestrationWebhook(state);
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
  { id, taskId, status, error, failureDetails, partial, resolution }: QueuedFailure,
  at: number,
): CompensationWebhook {
  const task = state.tasks.get(taskId);
  const revert = state.compensations.find(({ failure }) => failure?.id === id);
  const { ending, changedAt } = state;
  const about = {
    compensation_id: id,
    project_id: state.projectId,
    orchestration_id: state.id,
    task_id: taskId,
    service_id: task?.plan.serviceId ?? '',
    service_name: task?.plan.serviceName ?? '',
    status,
  };
  const timestamp = toTimestamp(at);
  if (resolution !== undefined) {
    return { event_id: eventId(id, 'resolved', at), type: 'compensation.resolved', ...about, resolution, timestamp };
  }
  return {
    event_id: eventId(id, status, at),
    type: 'compensation.failed',
    ...about,
    failure: error,
    failure_details: failureDetails,
    compensation_data: {
      // A record in doubt may have got an output since.
      data: status === 'in_doubt' ? null : (revert?.compensation?.data ?? null),
      context: {
        orchestrationId: state.id,
        reason: state.status,
        payload: ending?.payload,
        timestamp: toTimestamp(ending?.at ?? changedAt),
      },
      ttl: revert?.ttlMs ?? 0,
    },
    timestamp,
    ...partial,
  };
}

const eventId = (id: string, status: string, at: number): string => `${id}-${status}-${Math.floor(at / 1000)}`;
