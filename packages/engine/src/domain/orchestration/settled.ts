/** When an orchestration is settled: it has ended, no delivery is waited for, and every revert has ended. */
import { isTerminalStatus } from '@orra-ts/protocol';
import { expiresAt, heldUntil, isUnfinished } from './compensation-order';
import type { DecisionContext } from './decide';
import { decidedAt, hasUndecided, isUndecided } from './doubt';
import type { OrchestrationState } from './state';

/** The one definition for `settled()`, `--watch`, `--follow` and the end of an event stream. */
export const isSettled = (state: OrchestrationState): boolean =>
  isTerminalStatus(state.status) && !hasUndecided(state) && !state.compensations.some(isUnfinished);

/** Something that is missing before an ended orchestration is settled. */
export interface Waiting {
  readonly taskId: string;
  readonly what: 'outcome' | 'revert';
  /** When the wait ends at the latest, in milliseconds since 1970; absent if that is not known yet. */
  readonly until?: number;
}

/** What is missing before an orchestration is settled; empty while it still runs. */
export function waitingFor(
  state: OrchestrationState,
  waits: Pick<DecisionContext, 'timings' | 'resumedAt'>,
): readonly Waiting[] {
  if (!isTerminalStatus(state.status)) return [];
  const missing: Waiting[] = [];
  for (const task of state.tasks.values()) {
    if (isUndecided(state, task)) {
      missing.push({ taskId: task.plan.id, what: 'outcome', until: decidedAt(state, task, waits) });
    }
  }
  for (const revert of state.compensations) {
    if (!isUnfinished(revert)) continue;
    const { taskId, phase } = revert;
    const until = expiresAt(state, revert) ?? (phase.kind === 'pending' ? heldUntil(state, revert, waits) : Infinity);
    missing.push({ taskId, what: 'revert', ...(until > 0 && until < Infinity ? { until } : {}) });
  }
  return missing;
}
