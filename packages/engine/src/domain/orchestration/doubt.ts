/**
 * What becomes of tasks without an outcome after their orchestration ended badly (E10): their open deliveries are waited
 * for, then it is decided whether their service reverts them without output or an operator gets a record.
 */
import { DEFAULT_COMPENSATION_TTL_MS } from '@orra-ts/protocol';
import type { DecisionContext } from './decide';
import type { OrchestrationEvent } from './events';
import { newRevertId } from './evolve-compensations';
import { UNKNOWN_OUTCOME } from './found-failures';
import type { CompensationState, OrchestrationState, TaskState } from './state';
import { timeoutOf } from './timeouts';

type Waits = Pick<DecisionContext, 'timings' | 'resumedAt'>;

/** Failed, aborted or cancelled. */
export const endedBadly = ({ ending }: OrchestrationState): boolean => ending !== undefined;

/** The revert without output of a task, unless it has ended. */
export const revertWithoutOutput = (
  { compensations }: OrchestrationState,
  taskId: string,
): CompensationState | undefined =>
  compensations.find((one) => one.taskId === taskId && one.outcome !== 'completed' && one.phase.kind !== 'finished');

/**
 * Whether a result is still accepted after the end: for a day, until the task is decided (an engine may have been down
 * longer), and as long as a record of the task is pending.
 */
export function isLateAccepted(
  state: OrchestrationState,
  task: TaskState,
  { now, timings }: Pick<DecisionContext, 'now' | 'timings'>,
): boolean {
  if (isUndecided(state, task)) return true;
  if (now <= (state.ending?.at ?? state.changedAt) + timings.lateResultMs) return true;
  return state.compensations.some(
    ({ taskId, failure }) => taskId === task.plan.id && failure?.resolutionState === 'pending',
  );
}

/** Whether it may have had an effect and nothing is decided about it yet. */
export function isUndecided(state: OrchestrationState, task: TaskState): boolean {
  const { plan, phase, deliveries, unknownEffect } = task;
  if (!endedBadly(state) || state.lateResultsClosed || !plan.revertible || phase.kind === 'completed') return false;
  if (deliveries.length === 0 && unknownEffect === undefined) return false;
  return !state.compensations.some(({ taskId }) => taskId === plan.id);
}

export function hasUndecided(state: OrchestrationState): boolean {
  if (!endedBadly(state)) return false;
  for (const task of state.tasks.values()) if (isUndecided(state, task)) return true;
  return false;
}

/** When the newest limit of its open deliveries passes. A limit that was not over begins anew with the engine (E11). */
export function limitOf(state: OrchestrationState, task: TaskState, { timings, resumedAt }: Waits): number {
  const timeoutMs = timeoutOf(state, task, timings);
  const endedAt = state.ending?.at ?? 0;
  let limit = endedAt;
  for (const { at } of task.deliveries) {
    if (at + timeoutMs > endedAt) limit = Math.max(limit, Math.max(at, resumedAt) + timeoutMs);
  }
  return limit;
}

/** When it is decided without an outcome: an effect that is unknown already is not waited for. */
export const decidedAt = (state: OrchestrationState, task: TaskState, waits: Waits): number =>
  task.deliveries.length === 0 ? 0 : limitOf(state, task, waits) + waits.timings.doubtMs;

/** Decisions that are due for tasks without an outcome. */
export function dueForDoubt(state: OrchestrationState, context: DecisionContext): OrchestrationEvent[] {
  if (!endedBadly(state)) return [];
  const events: OrchestrationEvent[] = [];
  for (const task of state.tasks.values()) {
    if (isUndecided(state, task)) events.push(...decideDoubt(state, task, context));
    else if (isRevertibleFailure(state, task, context)) events.push(added(state, task, 'failed', context));
  }
  return events;
}

function decideDoubt(state: OrchestrationState, task: TaskState, context: DecisionContext): OrchestrationEvent[] {
  const { now, serviceOf, newFailureId } = context;
  const { id: taskId, serviceId } = task.plan;
  const service = serviceOf(state.projectId, serviceId);
  // Nobody can respond or be asked any more.
  const isGone = service?.revertible !== true;
  if (!isGone && now < decidedAt(state, task, context)) return [];
  if (!isGone && service.capabilities.includes('revert-unknown')) return [added(state, task, 'unknown', context)];
  const revertId = newRevertId(state, taskId);
  const { error, failure } = task.unknownEffect ?? { error: NO_RESPONSE, failure: UNKNOWN_OUTCOME };
  const reported = failure ? { error, failure } : { error };
  return [{ type: 'in_doubt_recorded', at: now, taskId, revertId, failureId: newFailureId(), ...reported }];
}
const NO_RESPONSE = 'the service received the task and did not respond, so that its effect is unknown';

/** Its service reported that it failed, and asked to revert such tasks. */
function isRevertibleFailure(state: OrchestrationState, task: TaskState, { serviceOf }: DecisionContext): boolean {
  const { plan, phase, deliveries, hasFailed } = task;
  if (!hasFailed || !plan.revertible || deliveries.length > 0 || state.lateResultsClosed) return false;
  if (phase.kind === 'completed' || phase.kind === 'aborted') return false;
  if (state.compensations.some(({ taskId }) => taskId === plan.id)) return false;
  const service = serviceOf(state.projectId, plan.serviceId);
  return service?.revertible === true && service.capabilities.includes('revert-failed');
}

const added = (
  state: OrchestrationState,
  { plan: { id: taskId, serviceId } }: TaskState,
  outcome: 'failed' | 'unknown',
  { now: at, serviceOf }: DecisionContext,
): OrchestrationEvent => ({
  type: 'compensation_added',
  at,
  taskId,
  revertId: newRevertId(state, taskId),
  outcome,
  ttlMs: serviceOf(state.projectId, serviceId)?.revertTtlMs ?? DEFAULT_COMPENSATION_TTL_MS,
});

/** When time alone decides something; undefined: never. */
export function doubtDueAt(state: OrchestrationState, waits: Waits): number | undefined {
  if (!endedBadly(state)) return undefined;
  let next: number | undefined;
  for (const task of state.tasks.values()) {
    if (!isUndecided(state, task)) continue;
    const at = decidedAt(state, task, waits);
    if (next === undefined || at < next) next = at;
  }
  return next;
}
