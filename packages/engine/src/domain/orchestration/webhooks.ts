/** Decisions about webhook messages: queue, retry, give up. They never change how an orchestration ends. */
import { jitteredMs } from '@orra-ts/common';
import type { EventOf, OrchestrationEvent } from './events';
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
    if (event.type !== 'compensation_finished') return [];
    const { status, taskId, failureId, error } = event;
    if (failureId === undefined || (status !== 'failed' && status !== 'expired')) return [];
    const failure = { id: failureId, taskId, status, error };
    return webhooksOf(state.projectId, 'compensation').map((target) => ({ ...queue(target), failure }));
  });
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
