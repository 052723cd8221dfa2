/** The list's row of an orchestration. */
import type { OrchestrationState } from '../domain/state';
import type { OrchestrationSummary } from '../journal/journal';

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
    action: state.action.content,
    submittedAt: state.submittedAt,
    changedAt: state.changedAt,
    ...(state.error === undefined ? {} : { error: state.error }),
    ...(ended && revertible > 0 ? { compensation: { active, total: revertible, completed, failed } } : {}),
  };
}
