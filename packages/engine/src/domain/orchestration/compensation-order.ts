/**
 * Which revert may start now (E6, E13). Reverts run in reverse order of completion, one at a time unless the plan says
 * `compensation: 'parallel'`. Three states have their own clocks:
 *
 *   held          waits for work that was built on its task. Ends after `compensationHoldMs` or half of its TTL
 *   queued        could start, and waits until another revert has ended its attempt
 *   disconnected  its service is unavailable. It does not keep its turn; its TTL runs
 *
 * One that has begun is held again if its service has not received it when such work becomes due. The TTL counts from the completion of the task to the end of the orchestration, then from the first turn of the revert.
 * So no revert waits without an end.
 */
import { DEFAULT_COMPENSATION_TTL_MS } from '@orra-ts/protocol';
import type { ResolvedPlan } from '../plan/resolved-plan';
import type { DecisionContext } from './decide';
import { limitOf } from './doubt';
import type { CompensationState, OrchestrationState } from './state';

type Waits = Pick<DecisionContext, 'timings' | 'resumedAt'>;

export const isUnfinished = ({ phase }: CompensationState): boolean => phase.kind !== 'finished';

const isParallel = ({ plan }: OrchestrationState): boolean => plan?.compensation === 'parallel';

/** Whether another attempt must end first. */
export const isOccupied = (state: OrchestrationState): boolean =>
  !isParallel(state) && state.compensations.some(({ phase }) => phase.kind === 'running');

/** When its clocks start: with the end of the orchestration, unless it became due later. */
const baseOf = ({ ending }: OrchestrationState, { completedAt, retriedAt }: CompensationState): number =>
  retriedAt ?? Math.max(completedAt, ending?.at ?? 0);

/** What was left of its TTL when its clocks started; not positive: it was over. */
export function ttlLeftMs(state: OrchestrationState, revert: CompensationState): number {
  const { retriedAt, completedAt, ttlFrom = completedAt, ttlMs } = revert;
  // An operator who requests a retry knows that it is late; it still has to end at some time (E8).
  if (retriedAt !== undefined) return Math.max(ttlMs, DEFAULT_COMPENSATION_TTL_MS);
  return ttlFrom + ttlMs - baseOf(state, revert);
}

/** When its TTL is over; undefined while the TTL is suspended: before its first turn. */
export function expiresAt(state: OrchestrationState, revert: CompensationState): number | undefined {
  const { turnAt, queuedMs = 0, usedMs = 0 } = revert;
  const leftMs = ttlLeftMs(state, revert);
  if (leftMs <= 0) return baseOf(state, revert);
  return turnAt === undefined ? undefined : turnAt + leftMs - usedMs + queuedMs;
}

/**
 * Until when a revert that has not begun is held for work that was built on its task: for the reverts of that work, and
 * once they cannot proceed for a while longer; and for open deliveries of that work. Infinity: until a revert has ended.
 */
export function heldUntil(state: OrchestrationState, revert: CompensationState, waits: Waits): number {
  const holdMs = Math.min(waits.timings.compensationHoldMs, ttlLeftMs(state, revert) / 2);
  const blockers = blockersOf(state, revert);
  const stuck = blockers.filter(({ stuckAt }) => stuckAt !== undefined);
  let until = heldForDeliveries(state, revert, waits);
  for (const blocker of blockers) {
    const since = blocker.stuckAt ?? heldSince(state, blocker, stuck, waits);
    if (since === undefined) return Infinity;
    until = Math.max(until, since + holdMs);
  }
  return until;
}

/** E13: until the limit of deliveries of tasks that were built on its task, at most for half of its TTL. */
function heldForDeliveries(state: OrchestrationState, revert: CompensationState, waits: Waits): number {
  let limit = 0;
  for (const task of state.tasks.values()) {
    if (task.deliveries.length === 0 || task.phase.kind === 'completed') continue;
    if (isBuiltOn(state, task.plan.id, revert.taskId)) limit = Math.max(limit, limitOf(state, task, waits));
  }
  return limit === 0 ? 0 : Math.min(limit, baseOf(state, revert) + ttlLeftMs(state, revert) / 2);
}

/** Reverts that come first: those of tasks that were built on its task, and another revert of its task that has begun. */
const blockersOf = (state: OrchestrationState, { id, taskId }: CompensationState): readonly CompensationState[] =>
  state.compensations.filter((other) => {
    if (other.id === id || !isUnfinished(other)) return false;
    return other.taskId === taskId ? other.phase.kind !== 'pending' : isBuiltOn(state, other.taskId, taskId);
  });

/** Since when a revert is held itself, by one of those that are stuck or for deliveries; undefined if it can proceed. */
function heldSince(
  state: OrchestrationState,
  revert: CompensationState,
  stuck: readonly CompensationState[],
  waits: Waits,
): number | undefined {
  if (revert.phase.kind !== 'pending') return undefined;
  let since: number | undefined = heldForDeliveries(state, revert, waits) > 0 ? baseOf(state, revert) : undefined;
  for (const { taskId, stuckAt } of stuck) {
    if (stuckAt === undefined || !isBuiltOn(state, taskId, revert.taskId)) continue;
    since = Math.min(since ?? Infinity, stuckAt);
  }
  return since;
}

/** Whether a task used the output of the other, directly or through others. */
const isBuiltOn = ({ plan }: OrchestrationState, taskId: string, otherId: string): boolean =>
  plan !== undefined && ancestorsIn(plan, taskId).has(otherId);

const ANCESTORS = new WeakMap<ResolvedPlan, Map<string, ReadonlySet<string>>>();

/** The tasks that a task was built on. Computed once per plan and task, without recursion: plans can be long chains. */
function ancestorsIn(plan: ResolvedPlan, taskId: string): ReadonlySet<string> {
  const known = ANCESTORS.get(plan) ?? new Map<string, ReadonlySet<string>>();
  ANCESTORS.set(plan, known);
  const found = known.get(taskId);
  if (found) return found;
  const byId = new Map(plan.tasks.map((task) => [task.id, task]));
  const ancestors = new Set<string>();
  const open = [taskId];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const dependency of byId.get(id)?.dependsOn ?? []) {
      if (ancestors.has(dependency)) continue;
      ancestors.add(dependency);
      open.push(dependency);
    }
  }
  known.set(taskId, ancestors);
  return ancestors;
}
