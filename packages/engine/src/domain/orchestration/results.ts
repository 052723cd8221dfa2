/** The results of a completed orchestration. */
import type { OrchestrationState } from './state';

/**
 * One element, as clients of the Go engine expect: the output of the task that no other task uses. If there are several,
 * it is that of the last one in the plan: plans in code put the task there whose output they return.
 */
export function resultsOf(state: OrchestrationState): readonly unknown[] {
  const used = new Set<string>();
  for (const { plan } of state.tasks.values()) for (const id of plan.dependsOn) used.add(id);
  let result: unknown = null;
  for (const { plan, phase } of state.tasks.values()) {
    if (phase.kind === 'completed' && !used.has(plan.id)) result = phase.output;
  }
  return [result];
}
