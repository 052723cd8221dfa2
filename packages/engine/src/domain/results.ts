/** What a completed orchestration came to. */
import type { OrchestrationState } from './state';

/**
 * One element, as clients of the original expect: the output of the task nobody else uses. Of several such, the one
 * completed last; of those of one moment, the last in the plan.
 */
export function resultsOf(state: OrchestrationState): readonly unknown[] {
  const used = new Set<string>();
  for (const { plan } of state.tasks.values()) for (const id of plan.dependsOn) used.add(id);
  let last: { at: number; output: unknown } | undefined;
  for (const { plan, phase } of state.tasks.values()) {
    if (phase.kind === 'completed' && !used.has(plan.id) && (!last || phase.at >= last.at)) last = phase;
  }
  return [last?.output ?? null];
}
