/**
 * What is open of a task beside its phase (E10). A delivery is one request handed to one connection. It stays open through
 * timeouts, retries, pauses and giving up, until a response settles it or it turns out that it was never sent.
 */
import type { EventOf } from './events';
import type { Delivery, TaskState } from './state';

type Opened = Pick<TaskState, 'deliveries' | 'delivered'>;
type Settled = Pick<TaskState, 'deliveries' | 'unknownEffect' | 'hasFailed'>;

export const delivered = (task: TaskState, { id, executionId, at }: EventOf<'task_started'>): Opened => ({
  deliveries: [...task.deliveries, { id, executionId, at }],
  delivered: task.delivered + 1,
});

/** The same attempt over another connection. */
export function redelivered(task: TaskState, { id, at }: EventOf<'task_redelivered'>): Opened {
  const { deliveries, delivered, phase } = task;
  const executionId = phase.kind === 'running' ? phase.executionId : '';
  return { deliveries: [...deliveries, { id, executionId, at }], delivered: delivered + 1 };
}

export const withoutNewest = ({ deliveries, delivered }: TaskState): Opened => ({
  deliveries: deliveries.slice(0, -1),
  delivered: delivered - 1,
});

export const stillOpen = ({ deliveries }: TaskState, open: readonly string[] | undefined): readonly Delivery[] =>
  open === undefined || open.length === 0 ? [] : deliveries.filter(({ id }) => open.includes(id));

/** A failure that settles nothing is a timeout: it states nothing about the effect. */
export function afterFailure(task: TaskState, event: EventOf<'task_attempt_failed'>): Settled & Opened {
  const { deliveries: before, delivered } = event.sent === false ? withoutNewest(task) : task;
  const deliveries = stillOpen(task, event.open);
  const { unknownEffect, hasFailed } = task;
  if (event.effect === 'unknown') {
    return { deliveries, delivered, hasFailed, unknownEffect: { at: event.at, error: event.error } };
  }
  if (deliveries.length >= before.length) return { deliveries, delivered, unknownEffect, hasFailed };
  return { deliveries, delivered, unknownEffect: undefined, hasFailed: true };
}

export function settled(task: TaskState, event: EventOf<'task_settled'>): Settled {
  const deliveries = stillOpen(task, event.open);
  const { unknownEffect, hasFailed } = task;
  if (event.effect === 'unknown') {
    return { deliveries, hasFailed, unknownEffect: { at: event.at, error: event.error ?? event.reason } };
  }
  if (event.reason === 'not_started') return { deliveries, unknownEffect, hasFailed };
  return { deliveries, unknownEffect: undefined, hasFailed: hasFailed || event.reason === 'failed' };
}
