/** Idempotency keys. They derive from committed facts, so every attempt and every restart computes the same key. */
import { createHash } from 'node:crypto';
import type { OrchestrationState, TaskState } from '../domain/orchestration/state';

/** The key of a task: a hash of the orchestration, the task and the outputs that it depends on. */
export function taskKey(state: OrchestrationState, { plan }: TaskState): string {
  const hash = createHash('sha256').update(state.id).update(plan.id);
  for (const id of plan.dependsOn) {
    const phase = state.tasks.get(id)?.phase;
    const output = phase?.kind === 'completed' ? phase.output : undefined;
    hash.update(`${id}:${JSON.stringify(output ?? null)}`);
  }
  return hash.digest('hex');
}

/** The first round has the Go engine's key. A later round has another one, or services would repeat their earlier response. */
export function compensationKey(state: OrchestrationState, taskId: string, round: number): string {
  const hash = createHash('sha256').update(state.id).update(taskId.toLowerCase()).update('compensation_worker');
  return (round === 0 ? hash : hash.update(`_${round}`)).digest('hex');
}
