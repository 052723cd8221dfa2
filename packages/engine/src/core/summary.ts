/** The row of an orchestration in a list. */
import { endedBadly, isUndecided } from '../domain/orchestration/doubt';
import type { TaskFailure } from '../domain/orchestration/events';
import { shownOrchestration } from '../domain/orchestration/shown';
import type { OrchestrationState } from '../domain/orchestration/state';
import type { OrchestrationSummary } from '../journal/journal';
import { excerpt } from '../domain/excerpt';

/** Maximum characters of a string in a row: a list has a thousand rows (E8). Inspections show the whole string. */
const LONGEST_TEXT = 1_000;

const shortened = (error: string | TaskFailure): string | TaskFailure =>
  typeof error === 'string' ? excerpt(error, LONGEST_TEXT) : { ...error, error: excerpt(error.error, LONGEST_TEXT) };

export function summaryOf(original: OrchestrationState): OrchestrationSummary {
  const { state } = shownOrchestration(original);
  return {
    status: state.status,
    action: excerpt(state.action.content, LONGEST_TEXT),
    submittedAt: state.submittedAt,
    changedAt: state.changedAt,
    error: state.error === undefined ? undefined : shortened(state.error),
    compensation: compensationSummary(state),
  };
}

/** Counts tasks, each once: a task can have several reverts. A completed orchestration has only tasks with two outputs. */
function compensationSummary(state: OrchestrationState): OrchestrationSummary['compensation'] {
  const { tasks, compensations } = state;
  if (!endedBadly(state) && compensations.length === 0) return undefined;
  const outcomesByTask = new Map<string, string[]>();
  for (const { taskId, phase } of compensations) {
    const outcome = phase.kind === 'finished' ? phase.status : 'active';
    outcomesByTask.set(taskId, [...(outcomesByTask.get(taskId) ?? []), outcome]);
  }
  const counts = { total: 0, completed: 0, failed: 0, partial: 0, inDoubt: 0 };
  let active = false;
  for (const task of tasks.values()) {
    if (!task.plan.revertible) continue;
    const outcomes = outcomesByTask.get(task.plan.id) ?? [];
    const isWaitedFor = isUndecided(state, task);
    if (outcomes.length === 0 && !isWaitedFor && task.phase.kind !== 'completed') continue;
    counts.total++;
    if (isWaitedFor || outcomes.includes('active')) active = true;
    const isReverted = outcomes.length > 0 && outcomes.every((outcome) => outcome === 'completed');
    const hasRecord = outcomes.some((outcome) => outcome !== 'completed' && outcome !== 'active');
    if (isReverted) counts.completed++;
    if (hasRecord) counts.failed++;
    if (outcomes.includes('partial')) counts.partial++;
    if (outcomes.includes('in_doubt')) counts.inDoubt++;
  }
  // The Go CLI shows a total of zero as `Completed (0/0)`.
  if (counts.total === 0) return undefined;
  const { total, completed, failed, partial, inDoubt } = counts;
  return { active, total, completed, failed, partial: partial || undefined, inDoubt: inDoubt || undefined };
}
