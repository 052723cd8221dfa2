/** The keys under which services may still respond when an orchestration leaves memory (E10). */
import { isTerminalStatus } from '@orra-ts/protocol';
import { mayHaveBeenAsked } from '../domain/orchestration/evolve-compensations';
import { isOpen } from '../domain/orchestration/decide';
import type { CompensationState, OrchestrationState, TaskState } from '../domain/orchestration/state';
import type { StoredKey } from '../journal/journal';
import { compensationKey, taskKey } from './idempotency-key';

/** @param lateResultMs how long late results are accepted; longer while a record is pending */
export function lateKeysOf(state: OrchestrationState, lateResultMs: number): readonly StoredKey[] {
  if (!isTerminalStatus(state.status) || isOpen(state)) return [];
  const keepUntil = (state.ending?.at ?? state.changedAt) + lateResultMs;
  const keys: StoredKey[] = [];
  for (const task of state.tasks.values()) {
    if (!mayRespond(state, task)) continue;
    const { id: taskId, serviceId } = task.plan;
    keys.push({ serviceId, key: taskKey(state, task), taskId, kind: 'task', keepUntil });
  }
  for (const revert of state.compensations) {
    const task = state.tasks.get(revert.taskId);
    if (!task || !mayStillRevert(revert)) continue;
    const { taskId, id: revertId, earlierRounds = [] } = revert;
    for (const round of [...earlierRounds, revert.round]) {
      const key = compensationKey(state, taskId, round);
      keys.push({ serviceId: task.plan.serviceId, key, taskId, kind: 'compensation', revertId, round, keepUntil });
    }
  }
  return keys;
}

/** A completed task with one delivery has nothing more to report; with several it may report a second effect (E12). */
const mayRespond = ({ ending }: OrchestrationState, { plan, phase, delivered }: TaskState): boolean =>
  phase.kind === 'completed' && (ending === undefined || plan.revertible) ? delivered > 1 : delivered > 0;

const mayStillRevert = (revert: CompensationState): boolean =>
  revert.phase.kind === 'finished' && revert.phase.status !== 'completed' && mayHaveBeenAsked(revert);
