/** Idempotency keys. They derive from committed facts, so every attempt and every restart computes the same key. */
import { hash } from 'node:crypto';
import type { OrchestrationState, TaskState } from '../domain/orchestration/state';

/** The key of a task: a hash of the orchestration, the task and the outputs that it depends on. */
export function taskKey(state: OrchestrationState, { plan }: TaskState): string {
  let text = state.id + plan.id;
  for (const id of plan.dependsOn) {
    const phase = state.tasks.get(id)?.phase;
    const output = phase?.kind === 'completed' ? phase.output : undefined;
    text += `${id}:${JSON.stringify(output ?? null)}`;
  }
  return hash('sha256', text);
}

/** The first round has the Go engine's key. A later round has another one, or services would repeat their earlier response. */
export function compensationKey(state: OrchestrationState, taskId: string, round: number): string {
  const suffix = round === 0 ? '' : `_${round}`;
  return hash('sha256', `${state.id}${taskId.toLowerCase()}compensation_worker${suffix}`);
}
