/** The row of an orchestration in a list. */
import type { TaskFailure } from '../domain/orchestration/events';
import type { OrchestrationState } from '../domain/orchestration/state';
import type { OrchestrationSummary } from '../journal/journal';
import { excerpt } from '../domain/excerpt';

/** Maximum characters of a string in a row: a list has a thousand rows (E8). Inspections show the whole string. */
const LONGEST_TEXT = 1_000;

const shortened = (error: string | TaskFailure): string | TaskFailure =>
  typeof error === 'string' ? excerpt(error, LONGEST_TEXT) : { ...error, error: excerpt(error.error, LONGEST_TEXT) };

export function summaryOf(state: OrchestrationState): OrchestrationSummary {
  const revertible = [...state.tasks.values()].filter(({ plan }) => plan.revertible).length;
  const ended = state.status === 'failed' || state.status === 'aborted' || state.status === 'cancelled';
  let active = false;
  let completed = 0;
  let failed = 0;
  for (const { phase } of state.compensations) {
    if (phase.kind !== 'finished') active = true;
    else if (phase.status === 'completed' || phase.status === 'partial') completed++;
    else failed++;
  }
  return {
    status: state.status,
    action: excerpt(state.action.content, LONGEST_TEXT),
    submittedAt: state.submittedAt,
    changedAt: state.changedAt,
    error: state.error === undefined ? undefined : shortened(state.error),
    compensation: ended && revertible > 0 ? { active, total: revertible, completed, failed } : undefined,
  };
}
