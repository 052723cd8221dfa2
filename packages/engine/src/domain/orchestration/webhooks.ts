/** Decisions about webhook messages: queue, retry, give up. They never change how an orchestration ends. */
import { jitteredMs } from '@orra-ts/common';
import { failureDetailsView } from '@orra-ts/protocol';
import { revertIdOf } from './evolve-compensations';
import type { EventOf, OrchestrationEvent, QueuedFailure } from './events';
import type { OrchestrationState } from './state';
import type { DecisionContext } from './decide';

export type WebhookKind = 'orchestration' | 'compensation';

export interface WebhookTarget {
  /** Absent if it was registered with the project: then its messages are not signed. */
  readonly id?: string;
  readonly url: string;
}

/** The outcome of an attempt to deliver a message. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered'; readonly status: number }
  /** Not `retryable` if no later attempt can succeed. */
  | { readonly kind: 'failed'; readonly error: string; readonly retryable: boolean };

/** Queues messages about the new events. As on the Go engine, failed planning is not reported. */
export function queueWebhooks(
  state: OrchestrationState,
  events: readonly OrchestrationEvent[],
  { now, newId, webhooksOf }: DecisionContext,
): OrchestrationEvent[] {
  const queue = ({ id: webhookId, url }: WebhookTarget): EventOf<'webhook_queued'> => ({
    type: 'webhook_queued',
    at: now,
    id: newId(),
    url,
    webhookId,
  });
  return events.flatMap((event): OrchestrationEvent[] => {
    if (END_TYPES.has(event.type)) return webhooksOf(state.projectId, 'orchestration').map(queue);
    const failure = recordChange(state, event);
    if (!failure) return [];
    const targets = webhooksOf(state.projectId, 'compensation');
    // Webhooks that were registered with the project may be those of a client that knows only the Go engine.
    const receivers = failure.resolution === undefined ? targets : targets.filter(({ id }) => id !== undefined);
    return receivers.map((target) => ({ ...queue(target), failure }));
  });
}

/** A record that an event added, or that a late result resolved. What an operator does is not reported. */
function recordChange(state: OrchestrationState, event: OrchestrationEvent): QueuedFailure | undefined {
  if (event.type === 'in_doubt_recorded') {
    const { failureId: id, taskId, error, failure } = event;
    return { id, taskId, status: 'in_doubt', error, failureDetails: failure && failureDetailsView(failure) };
  }
  if (event.type === 'duplicate_recorded') {
    return { id: event.failureId, taskId: event.taskId, status: 'duplicate' };
  }
  if (event.type === 'compensation_failure_resolved') return event.late ? resolvedLate(state, event) : undefined;
  if (event.type !== 'compensation_finished') return undefined;
  const { status, taskId, failureId, error, failure, partial } = event;
  if (status === 'completed') return resolvedLate(state, event);
  return failureId === undefined
    ? undefined
    : {
        id: failureId,
        taskId,
        status,
        error,
        failureDetails: failure && failureDetailsView(failure),
        partial,
      };
}

function resolvedLate(
  { compensations }: OrchestrationState,
  event: EventOf<'compensation_finished' | 'compensation_failure_resolved'>,
): QueuedFailure | undefined {
  const { taskId, failure, retriedAt } = compensations.find(({ id }) => id === revertIdOf(event)) ?? {};
  // A retry was requested by an operator, and a decision of an operator stands.
  if (taskId === undefined || failure?.resolution === undefined || failure.resolvedAt !== event.at) return undefined;
  if (event.type === 'compensation_finished' && retriedAt !== undefined) return undefined;
  return { id: failure.id, taskId, status: failure.status, resolution: failure.resolution };
}
const END_TYPES: ReadonlySet<OrchestrationEvent['type']> = new Set([
  'orchestration_completed',
  'orchestration_failed',
  'orchestration_aborted',
  'orchestration_cancelled',
] as const);

export function receiveDelivery(
  state: OrchestrationState,
  id: string,
  outcome: DeliveryOutcome,
  { now, timings, random }: DecisionContext,
): OrchestrationEvent[] {
  const delivery = state.webhooks.get(id);
  if (!delivery) return [];
  if (outcome.kind === 'delivered') return [{ type: 'webhook_delivered', at: now, id, status: outcome.status }];
  const { error, retryable } = outcome;
  if (!retryable || delivery.attempts + 1 >= timings.webhookMaxAttempts) {
    return [{ type: 'webhook_given_up', at: now, id, error }];
  }
  const waitMs = jitteredMs(
    { baseMs: timings.webhookRetryBaseMs, capMs: timings.webhookRetryCapMs },
    delivery.attempts,
    timings.retryJitter,
    random,
  );
  return [{ type: 'webhook_attempt_failed', at: now, id, error, retryAt: now + waitMs }];
}
