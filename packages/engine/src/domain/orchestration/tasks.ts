/** Decisions about tasks of a running orchestration: attempts, pauses, and what is due. */
import { failureDetailsView, formatWireDuration, isTerminalStatus, type FailureDetails } from '@orra-ts/protocol';
import { endOfPhase, nextAttempt, pauseOf, pauseProblem, retryAt } from './attempt';
import { allOpen } from './deliveries';
import { SERVICE_UNAVAILABLE, TIMED_OUT } from './found-failures';
import type { OrchestrationEvent } from './events';
import type { OrchestrationState, TaskState } from './state';
import { graceOf, timeoutOf } from './timeouts';
import type { DecisionContext } from './decide';

export const isOver = ({ phase: { kind } }: TaskState): boolean =>
  kind === 'completed' || kind === 'failed' || kind === 'aborted';

/** Why an attempt failed, and what that leaves open. */
export interface AttemptFailure {
  readonly error: string;
  readonly failure?: FailureDetails;
  readonly effect?: 'unknown';
  /** Deliveries that stay open. */
  readonly open: readonly string[];
}

export function attemptFailed(
  state: OrchestrationState,
  task: TaskState,
  failed: AttemptFailure,
  context: DecisionContext,
): OrchestrationEvent[] {
  const { timings } = context;
  const { failure, error } = failed;
  const over = isTerminalStatus(state.status);
  if (!over && failure?.retryable !== false && task.attempt < timings.taskMaxAttempts) {
    const backoff = { baseMs: timings.taskRetryBaseMs, capMs: timings.taskRetryCapMs };
    const next = retryAt(task.attempt, failure?.retryAfterMs ?? 0, backoff, context);
    return [{ ...attemptFailedEvent(task, failed, context), retryAt: next }];
  }
  const exhausted = !over && failure?.retryable !== false && task.attempt > 1;
  return givenUp(
    state,
    task,
    { ...failed, error: exhausted ? `too many consecutive failures: ${error}` : error },
    context,
  );
}

/** A failure that no response reports: it settles nothing (E10). */
const unanswered = (task: TaskState, error: string, failure: FailureDetails): AttemptFailure => ({
  error,
  failure,
  open: allOpen(task),
});

/** The last event of the task, and of the orchestration if it is still running. */
function givenUp(
  state: OrchestrationState,
  task: TaskState,
  failed: AttemptFailure,
  context: DecisionContext,
): OrchestrationEvent[] {
  const event = attemptFailedEvent(task, failed, context);
  if (isTerminalStatus(state.status)) return [event];
  const { now, newId } = context;
  const taskId = task.plan.id;
  return [
    event,
    {
      type: 'orchestration_failed',
      at: now,
      taskId,
      error: {
        id: `task_fail_${taskId.toLowerCase()}_${newId()}`,
        producer: task.plan.serviceId,
        error: failed.error,
        ...(failed.failure && failureDetailsView(failed.failure)),
      },
      ...unsentOf(state, context, taskId),
    },
  ];
}

function attemptFailedEvent(
  task: TaskState,
  { error, failure, effect, open }: AttemptFailure,
  context: DecisionContext,
): Extract<OrchestrationEvent, { type: 'task_attempt_failed' }> {
  const unsent = unsentDelivery(task, context);
  const left = open.filter((id) => id !== unsent);
  return {
    type: 'task_attempt_failed',
    at: context.now,
    taskId: task.plan.id,
    id: context.newId(),
    error,
    ...(failure ? { failure } : {}),
    ...(unsent === undefined ? {} : { sent: false }),
    ...(left.length > 0 ? { open: left } : {}),
    ...(effect ? { effect } : {}),
  };
}

/** The delivery of the attempt under way, if it never reached a connection. */
function unsentDelivery({ phase, deliveries }: TaskState, { isUnsent }: DecisionContext): string | undefined {
  const newest = deliveries.at(-1);
  return phase.kind === 'running' && newest && isUnsent(newest.id) ? newest.id : undefined;
}

/** Deliveries of other tasks that never reached a connection when the orchestration ends. */
export function unsentOf(
  { tasks }: OrchestrationState,
  { isUnsent }: DecisionContext,
  exceptTaskId?: string,
): { readonly unsent?: readonly string[] } {
  const unsent: string[] = [];
  for (const { plan, deliveries } of tasks.values()) {
    if (plan.id === exceptTaskId) continue;
    for (const { id } of deliveries) if (isUnsent(id)) unsent.push(id);
  }
  return unsent.length > 0 ? { unsent } : {};
}

/** The request of the attempt under way goes to another connection: a further delivery. */
export function redeliver(
  state: OrchestrationState,
  taskId: string,
  { now: at, newId }: DecisionContext,
): OrchestrationEvent[] {
  const isRunning = state.status === 'processing' && state.tasks.get(taskId)?.phase.kind === 'running';
  return isRunning ? [{ type: 'task_redelivered', at, taskId, id: newId() }] : [];
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
        if (problem !== undefined)
          return attemptFailed(state, task, unanswered(task, problem, SERVICE_UNAVAILABLE), context);
        return startOrPause(task, context);
      }
      const graceMs = graceOf(state, timings);
      if (now < endOfPhase(phase, graceMs, resumedAt)) return [];
      const error = `service ${plan.serviceId} remained unhealthy while exceeding maximum duration of ${formatWireDuration(graceMs)}`;
      return givenUp(state, task, unanswered(task, error, SERVICE_UNAVAILABLE), context);
    }
    case 'running': {
      // Paused, not timed out: a service cannot respond while it is disconnected.
      if (!isAvailable(plan.serviceId)) return [pause(task, context)];
      if (now < endOfAttempt(state, task, phase, context)) return [];
      return attemptFailed(state, task, unanswered(task, TIMED_OUT_ERROR, TIMED_OUT), context);
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

const TIMED_OUT_ERROR = 'task execution timed out waiting for result';

const pause = (task: TaskState, context: DecisionContext): OrchestrationEvent => ({
  type: 'task_paused',
  ...pauseOf(task.plan.id, task.plan.serviceId, context),
  ...(unsentDelivery(task, context) === undefined ? {} : { sent: false }),
});

/** After a start of the engine, the wait for a claim is not part of an attempt, also of one that begins meanwhile (E12). */
function endOfAttempt(
  state: OrchestrationState,
  task: TaskState,
  phase: Extract<TaskState['phase'], { readonly kind: 'running' }>,
  { timings, resumedAt, isRestored, serviceOf }: Waits,
): number {
  const hasRestored = isRestored !== undefined && task.deliveries.some(({ id }) => isRestored(id));
  const capabilities = hasRestored ? serviceOf?.(state.projectId, task.plan.serviceId)?.capabilities : undefined;
  const claimWaitMs = capabilities?.includes('task-cancel') === true ? timings.claimWaitMs : 0;
  return endOfPhase(phase, timeoutOf(state, task, timings), resumedAt + claimWaitMs);
}

/** What due times follow from. */
export type Waits = Pick<DecisionContext, 'timings' | 'resumedAt'> &
  Partial<Pick<DecisionContext, 'serviceOf' | 'isRestored'>>;

/** When time alone makes something due for this task; undefined if it never does. */
export function taskDueAt(state: OrchestrationState, task: TaskState, waits: Waits): number | undefined {
  const { phase } = task;
  const { timings, resumedAt } = waits;
  if (phase.kind === 'running') return endOfAttempt(state, task, phase, waits);
  if (phase.kind === 'backing_off') return phase.retryAt;
  if (phase.kind === 'paused') return endOfPhase(phase, graceOf(state, timings), resumedAt);
  return undefined;
}
