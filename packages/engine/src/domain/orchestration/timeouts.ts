/** Limits of one attempt of a task, and of the wait for its service. */
import type { OrchestrationState, TaskState } from './state';
import type { DomainTimings } from './timings';

export const timeoutOf = (state: OrchestrationState, task: TaskState, timings: DomainTimings): number =>
  state.timeoutMs ?? task.plan.timeoutMs ?? timings.taskTimeoutMs;

export const graceOf = (state: OrchestrationState, timings: DomainTimings): number =>
  state.healthGraceMs ?? timings.healthGraceMs;
