/**
 * What is open of a task beside its phase (E10). A delivery is one request handed to one connection. It stays open through
 * timeouts, retries, pauses and giving up, until a response settles it or it turns out that it was never sent.
 */
import type { EventOf } from './events';
import type { Delivery, TaskState, UnknownEffect } from './state';

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
    return { deliveries, delivered, hasFailed, unknownEffect: unknownEffectOf(task, event, event.error) };
  }
  if (deliveries.length >= before.length) return { deliveries, delivered, unknownEffect, hasFailed };
  return { deliveries, delivered, unknownEffect: undefined, hasFailed: true };
}

/** The reported attempt is that of the newest delivery that the event settles. */
function unknownEffectOf(
  { deliveries }: TaskState,
  { at, failure, open }: EventOf<'task_attempt_failed' | 'task_settled'>,
  error: string,
): UnknownEffect {
  const executionId = deliveries.findLast(({ id }) => open?.includes(id) !== true)?.executionId;
  return { at, error, ...(failure ? { failure } : {}), ...(executionId === undefined ? {} : { executionId }) };
}

export function settled(task: TaskState, event: EventOf<'task_settled'>): Settled {
  const deliveries = stillOpen(task, event.open);
  const { unknownEffect, hasFailed } = task;
  if (event.effect === 'unknown') {
    return { deliveries, hasFailed, unknownEffect: unknownEffectOf(task, event, event.error ?? event.reason) };
  }
  if (event.reason === 'not_started' || event.reason === 'completed') return { deliveries, unknownEffect, hasFailed };
  return { deliveries, unknownEffect: undefined, hasFailed: hasFailed || event.reason === 'failed' };
}

/** Where the open deliveries of a task are when a response arrives, as the core knows it. Those in neither set are lost. */
export interface DeliveryHolders {
  /** Handed to the connection of the response, or claimed by it. */
  readonly own: ReadonlySet<string>;
  /** Held by other open connections. */
  readonly elsewhere: ReadonlySet<string>;
  /** The handler was told that the task is in doubt, or was interrupted itself: it speaks for lost deliveries, too. */
  readonly knewDoubt: boolean;
  /** The connection has the revert without output that is under way (X7): the response came instead of it. */
  readonly hasRevert?: boolean;
}

type Ids = readonly string[];

/** A success settles all deliveries, except those that other open connections hold. */
export const openAfterSuccess = ({ deliveries }: TaskState, holders?: DeliveryHolders): Ids =>
  holders ? deliveries.filter(({ id }) => holders.elsewhere.has(id)).map(({ id }) => id) : [];

/**
 * A failure settles the deliveries over its own connection, up to the attempt that it reports. A lost delivery is settled
 * if its attempt is reported and no other delivery of that attempt is lost, or if the handler knew of the doubt.
 */
export function openAfterFailure(
  { deliveries }: TaskState,
  executionId: string | undefined,
  holders: DeliveryHolders | undefined,
): Ids {
  const reported = deliveries.filter((delivery) => delivery.executionId === executionId);
  const newest = reported.at(-1);
  // Some services send no id; an unknown one reports an attempt that is settled already.
  const isUnnamed = executionId === undefined || executionId === '';
  const last = newest ? deliveries.lastIndexOf(newest) : isUnnamed ? deliveries.length - 1 : -1;
  // Over a new connection of an SDK that does not claim: the failure is that of the one delivery that nobody else has.
  const lost = reported.filter(({ id }) => !holders?.elsewhere.has(id));
  const onlyLost = reported.some(({ id }) => holders?.own.has(id)) || lost.length !== 1 ? undefined : lost[0]?.id;
  const isSettled = ({ id }: Delivery, index: number): boolean => {
    if (index > last || holders?.elsewhere.has(id)) return false;
    return !holders || holders.own.has(id) || holders.knewDoubt || id === onlyLost;
  };
  return deliveries.filter((delivery, index) => !isSettled(delivery, index)).map(({ id }) => id);
}

export const allOpen = ({ deliveries }: TaskState): Ids => deliveries.map(({ id }) => id);

/** Whether settling these leaves fewer open deliveries. */
export const changesDeliveries = ({ deliveries }: TaskState, open: Ids): boolean => open.length < deliveries.length;
