/** Keys by which services deduplicate: derived from committed facts, so that every attempt and every restart finds the same. */
import { createHash } from 'node:crypto';
import type { OrchestrationState, TaskState } from '../domain/orchestration/state';

/** Of a task: the orchestration, the task, and the outputs it depends on. Protocol page, section 4.1. */
export function taskKey(state: OrchestrationState, { plan }: TaskState): string {
  const hash = createHash('sha256').update(state.id).update(plan.id);
  for (const id of plan.dependsOn) {
    const phase = state.tasks.get(id)?.phase;
    const output = phase?.kind === 'completed' ? phase.output : undefined;
    hash.update(`${id}:${JSON.stringify(output ?? null)}`);
  }
  return hash.digest('hex');
}

/** The first round's is the original's; a later round must not be answered from what a service said to an earlier one. */
export function compensationKey(state: OrchestrationState, taskId: string, round: number): string {
  const hash = createHash('sha256').update(state.id).update(taskId.toLowerCase()).update('compensation_worker');
  return (round === 0 ? hash : hash.update(`_${round}`)).digest('hex');
}
