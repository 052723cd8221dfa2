/** Decisions about tasks: on messages of services, and on what is due. */
import { formatWireDuration, isTerminalStatus, type FailureDetails, type TaskOutcome } from '@orra-ts/protocol';
import { endOfPhase, executionIdOf, isOutdated, nextAttempt, pauseOf, pauseProblem, retryAt } from './attempt';
import type { OrchestrationEvent } from './events';
import type { OrchestrationState, TaskState } from './state';
import type { DomainTimings } from './timings';
import type { DecisionContext } from './decide';

/** Maximum updates kept per task (E8): more than anyone reads, less than fills a disk. */
const MAX_UPDATES_PER_TASK = 10_000;
/** Maximum characters of all updates of an orchestration: inspections and starts read the whole history (E8). */
const MAX_UPDATE_SIZE = 64 * 1024 * 1024;

const isOver = ({ phase: { kind } }: TaskState): boolean =>
  kind === 'completed' || kind === 'failed' || kind === 'aborted';

export function timeoutOf(state: OrchestrationState, task: TaskState, timings: DomainTimings): number {
  return state.timeoutMs ?? task.plan.timeoutMs ?? timings.taskTimeoutMs;
}

const graceOf = (state: OrchestrationState, timings: DomainTimings): number =>
  state.healthGraceMs ?? timings.healthGraceMs;

/** A result, success or failure. */
export function receiveTaskResult(
  state: OrchestrationState,
  taskId: string,
  executionId: string | undefined,
  outcome: TaskOutcome,
  context: DecisionContext,
): OrchestrationEvent[] {
  const task = state.tasks.get(taskId);
  // The first outcome of a key stands (E2).
  if (!task || isOver(task)) return [];
  const { now, newId } = context;
  if (outcome.kind === 'completed') {
    return [
      {
        type: 'task_completed',
        at: now,
        taskId,
        id: newId(),
        output: outcome.output,
        // A revertible service that sent no revert data is still asked to revert, with null, as on the Go engine.
        ...(task.plan.revertible
          ? { compensation: outcome.compensation ?? { data: null, ttlMs: DEFAULT_TTL_MS } }
          : {}),
      },
    ];
  }
  if (isOutdated(task, executionId)) return [];
  return attemptFailed(state, task, outcome.error, outcome.failure, context);
}
const DEFAULT_TTL_MS = 24 * 60 * 60_000;

/** A message for this task cannot be read, so the attempt fails. */
export function receiveMalformed(
  state: OrchestrationState,
  taskId: string,
  error: string,
  context: DecisionContext,
): OrchestrationEvent[] {
  const task = state.tasks.get(taskId);
  if (!task || isOver(task) || isOutdated(task, undefined)) return [];
  return attemptFailed(state, task, error, undefined, context);
}

export function receiveUpdate(
  state: OrchestrationState,
  taskId: string,
  data: unknown,
  { now, newId }: DecisionContext,
): OrchestrationEvent[] {
  const task = state.tasks.get(taskId);
  if (!task || isOver(task) || task.updates >= MAX_UPDATES_PER_TASK) return [];
  const size = JSON.stringify(data ?? null).length;
  if (state.updateSize + size > MAX_UPDATE_SIZE) return [];
  return [{ type: 'task_updated', at: now, taskId, id: newId(), data, size }];
}

export function receiveAbort(
  state: OrchestrationState,
  taskId: string,
  payload: unknown,
  { now, newId }: DecisionContext,
): OrchestrationEvent[] {
  const task = state.tasks.get(taskId);
  if (!task || isOver(task)) return [];
  const said = payload === undefined || payload === null ? {} : { payload };
  const aborted: OrchestrationEvent = { type: 'task_aborted', at: now, taskId, id: newId(), ...said };
  // One terminal status each (E5): after the end, an abort only means that this task has no effect to revert.
  if (isTerminalStatus(state.status)) return [aborted];
  return [aborted, { type: 'orchestration_aborted', at: now, taskId, ...said }];
}

function attemptFailed(
  state: OrchestrationState,
  task: TaskState,
  error: string,
  failure: FailureDetails | undefined,
  context: DecisionContext,
): OrchestrationEvent[] {
  const { now, timings } = context;
  const details = failure ? { failure } : {};
  const over = isTerminalStatus(state.status);
  if (!over && failure?.retryable !== false && task.attempt < timings.taskMaxAttempts) {
    const backoff = { baseMs: timings.taskRetryBaseMs, capMs: timings.taskRetryCapMs };
    const next = retryAt(task.attempt, failure?.retryAfterMs ?? 0, backoff, context);
    const about = { at: now, taskId: task.plan.id, id: context.newId() };
    return [{ type: 'task_attempt_failed', ...about, error, ...details, retryAt: next }];
  }
  const exhausted = !over && failure?.retryable !== false && task.attempt > 1;
  return givenUp(state, task, exhausted ? `too many consecutive failures: ${error}` : error, failure, context);
}

/** The last event of the task, and of the orchestration if it is still running. */
function givenUp(
  state: OrchestrationState,
  task: TaskState,
  error: string,
  failure: FailureDetails | undefined,
  { now, newId }: DecisionContext,
): OrchestrationEvent[] {
  const taskId = task.plan.id;
  const failed: OrchestrationEvent = {
    type: 'task_attempt_failed',
    at: now,
    taskId,
    id: newId(),
    error,
    failure,
  };
  if (isTerminalStatus(state.status)) return [failed];
  return [
    failed,
    {
      type: 'orchestration_failed',
      at: now,
      taskId,
      error: { id: `task_fail_${taskId.toLowerCase()}_${newId()}`, producer: task.plan.serviceId, error },
    },
  ];
}

/** Events that are due for one task of a running orchestration. */
export function dueForTask(state: OrchestrationState, task: TaskState, context: DecisionContext): OrchestrationEvent[] {
  const { now, resumedAt, timings, isAvailable } = context;
  const { plan, phase } = task;
  switch (phase.kind) {
    case 'waiting': {
      // E4: only with complete inputs.
      const ready = plan.dependsOn.every((id) => state.tasks.get(id)?.phase.kind === 'completed');
      return ready ? startOrPause(task, context) : [];
    }
    case 'backing_off':
      return now >= phase.retryAt ? startOrPause(task, context) : [];
    case 'paused': {
      if (isAvailable(plan.serviceId)) {
        const problem = pauseProblem(task);
        if (problem !== undefined) return attemptFailed(state, task, problem, undefined, context);
        return startOrPause(task, context);
      }
      const graceMs = graceOf(state, timings);
      if (now < endOfPhase(phase, graceMs, resumedAt)) return [];
      const error = `service ${plan.serviceId} remained unhealthy while exceeding maximum duration of ${formatWireDuration(graceMs)}`;
      return givenUp(state, task, error, undefined, context);
    }
    case 'running': {
      // Paused, not timed out: a service cannot respond while it is disconnected.
      if (!isAvailable(plan.serviceId)) return [pause(task, context)];
      if (now < endOfPhase(phase, timeoutOf(state, task, timings), resumedAt)) return [];
      return attemptFailed(state, task, 'task execution timed out waiting for result', undefined, context);
    }
    case 'completed':
    case 'failed':
    case 'aborted':
      return [];
  }
}

function startOrPause(task: TaskState, context: DecisionContext): OrchestrationEvent[] {
  const { plan } = task;
  if (!context.isAvailable(plan.serviceId)) return [pause(task, context)];
  const { now: at, newId, newExecutionId } = context;
  return [{ type: 'task_started', at, taskId: plan.id, id: newId(), ...nextAttempt(task, newExecutionId) }];
}

const pause = ({ plan }: TaskState, context: DecisionContext): OrchestrationEvent => ({
  type: 'task_paused',
  ...pauseOf(plan.id, plan.serviceId, context),
});

/** When time alone makes something due for this task; undefined if it never does. */
export function taskDueAt(
  state: OrchestrationState,
  task: TaskState,
  { timings, resumedAt }: Pick<DecisionContext, 'timings' | 'resumedAt'>,
): number | undefined {
  const { phase } = task;
  if (phase.kind === 'running') return endOfPhase(phase, timeoutOf(state, task, timings), resumedAt);
  if (phase.kind === 'backing_off') return phase.retryAt;
  if (phase.kind === 'paused') return endOfPhase(phase, graceOf(state, timings), resumedAt);
  return undefined;
}

/** Whether an attempt has no outcome yet: its late result would have to be reverted. */
export const mayStillAnswer = (task: TaskState): boolean => executionIdOf(task) !== undefined;
