/** Decisions about compensations: one at a time, in reverse order of completion, with one final record each (E6). */
import { DEFAULT_COMPENSATION_TTL_MS, type RevertOutcome } from '@orra-ts/protocol';
import { endOfPhase, isOutdated, nextAttempt, pauseOf, pauseProblem, retryAt } from './attempt';
import type { OrchestrationEvent } from './events';
import type { CompensationState, OrchestrationState } from './state';
import type { DecisionContext } from './decide';

/** The current compensation: that of the task completed last among those not compensated yet. */
function currentCompensation(state: OrchestrationState): CompensationState | undefined {
  // A compensation that has started continues even if a late result arrives: two reverts never run concurrently.
  const begun = state.compensations.find(({ phase }) => phase.kind !== 'pending' && phase.kind !== 'finished');
  return begun ?? state.compensations.findLast(({ phase }) => phase.kind === 'pending');
}

function expiresAt(state: OrchestrationState, compensation: CompensationState): number {
  const phase = state.tasks.get(compensation.taskId)?.phase;
  const ttlMs = phase?.kind === 'completed' ? (phase.compensation?.ttlMs ?? 0) : 0;
  const { retriedAt } = compensation;
  // An operator may retry after the TTL is over; the retry has a limit too (E8).
  if (retriedAt !== undefined) return retriedAt + Math.max(ttlMs, DEFAULT_COMPENSATION_TTL_MS);
  return compensation.completedAt + ttlMs;
}

/** A service responded to a revert. */
export function receiveRevertResult(
  state: OrchestrationState,
  taskId: string,
  executionId: string | undefined,
  outcome: RevertOutcome,
  context: DecisionContext,
): OrchestrationEvent[] {
  const compensation = state.compensations.find((candidate) => candidate.taskId === taskId);
  if (!compensation || compensation.phase.kind === 'finished' || compensation.phase.kind === 'pending') return [];
  const finished = { type: 'compensation_finished', at: context.now, taskId, id: context.newId() } as const;
  switch (outcome.kind) {
    case 'completed':
      return [{ ...finished, status: 'completed' }];
    case 'partial':
      return [
        {
          ...finished,
          status: 'partial',
          partial: { completed: outcome.completed, remaining: outcome.remaining },
        },
      ];
    case 'refused':
      return [givenUp(compensation, outcome.status, outcome.error, context, { answered: true })];
    case 'failed': {
      if (isOutdated(compensation, executionId)) return [];
      if (outcome.failure?.retryable === false) {
        return [givenUp(compensation, 'failed', outcome.error, context, { answered: true })];
      }
      return attemptFailed(compensation, outcome.error, outcome.failure?.retryAfterMs ?? 0, context);
    }
  }
}

export function receiveMalformedRevert(
  state: OrchestrationState,
  taskId: string,
  error: string,
  context: DecisionContext,
): OrchestrationEvent[] {
  return receiveRevertResult(state, taskId, undefined, { kind: 'failed', error }, context);
}

function attemptFailed(
  compensation: CompensationState,
  error: string,
  retryAfterMs: number,
  context: DecisionContext,
): OrchestrationEvent[] {
  const { now, timings, newId } = context;
  const { taskId, attempt } = compensation;
  if (attempt >= timings.compensationMaxAttempts) {
    const text = `max compensation attempts (${timings.compensationMaxAttempts}) reached: ${error}`;
    return [givenUp(compensation, 'failed', text, context)];
  }
  const backoff = { baseMs: timings.compensationRetryBaseMs, capMs: timings.compensationRetryCapMs };
  const next = retryAt(attempt, retryAfterMs, backoff, context);
  return [{ type: 'compensation_attempt_failed', at: now, taskId, id: newId(), error, retryAt: next }];
}

/** The final record (E6), and the id of the one for operators. */
function givenUp(
  { taskId, failure }: CompensationState,
  status: 'failed' | 'expired',
  error: string,
  { now, newId, newFailureId }: DecisionContext,
  more: { readonly answered?: true } = {},
): OrchestrationEvent {
  const failureId = failure?.id ?? newFailureId();
  return { type: 'compensation_finished', at: now, taskId, id: newId(), status, error, failureId, ...more };
}

/** An operator resolves or ignores a compensation that was given up. */
export function resolveFailure(
  state: OrchestrationState,
  failureId: string,
  resolution: 'resolved' | 'ignored',
  reason: string,
  { now }: DecisionContext,
): OrchestrationEvent[] {
  const { taskId, failure } = findFailure(state, failureId) ?? {};
  if (!taskId || (failure?.resolutionState === resolution && failure.resolution === reason)) return [];
  return [{ type: 'compensation_failure_resolved', at: now, taskId, failureId, resolution, reason }];
}

/** Starts a new round of attempts, unless one is under way or the task has been compensated since (E2). */
export function retryCompensation(
  state: OrchestrationState,
  failureId: string,
  { now }: DecisionContext,
): OrchestrationEvent[] {
  const { taskId, phase } = findFailure(state, failureId) ?? {};
  if (!taskId || phase?.kind !== 'finished' || (phase.status !== 'failed' && phase.status !== 'expired')) return [];
  return [{ type: 'compensation_retried', at: now, taskId, failureId }];
}

const findFailure = (state: OrchestrationState, failureId: string): CompensationState | undefined =>
  state.compensations.find(({ failure }) => failure?.id === failureId);

/** Events that are due for the current compensation. */
export function dueForCompensation(state: OrchestrationState, context: DecisionContext): OrchestrationEvent[] {
  const compensation = currentCompensation(state);
  if (!compensation) return [];
  const { now, resumedAt, timings, isAvailable, newId } = context;
  const { taskId, phase } = compensation;
  const serviceId = state.tasks.get(taskId)?.plan.serviceId ?? '';
  if (phase.kind === 'running') {
    if (!isAvailable(serviceId)) return [pause(taskId, serviceId, context)];
    if (now < endOfPhase(phase, timings.compensationTimeoutMs, resumedAt)) return [];
    return attemptFailed(compensation, 'compensation timed out waiting for result', 0, context);
  }
  if (now >= expiresAt(state, compensation)) {
    const error = 'the time during which this task can be reverted is over';
    return [givenUp(compensation, 'expired', error, context)];
  }
  if (phase.kind === 'backing_off' && now < phase.retryAt) return [];
  if (!isAvailable(serviceId)) return phase.kind === 'paused' ? [] : [pause(taskId, serviceId, context)];
  const problem = pauseProblem(compensation);
  if (problem !== undefined) return attemptFailed(compensation, problem, 0, context);
  const { newCompensationExecutionId } = context;
  const about = { at: now, taskId, id: newId() };
  return [{ type: 'compensation_started', ...about, ...nextAttempt(compensation, newCompensationExecutionId) }];
}

const pause = (taskId: string, serviceId: string, context: DecisionContext): OrchestrationEvent => ({
  type: 'compensation_paused',
  ...pauseOf(taskId, serviceId, context),
});

/** When time alone makes something due; undefined if it never does. */
export function compensationDueAt(
  state: OrchestrationState,
  { timings, resumedAt }: Pick<DecisionContext, 'timings' | 'resumedAt'>,
): number | undefined {
  const compensation = currentCompensation(state);
  if (!compensation) return undefined;
  const { phase } = compensation;
  if (phase.kind === 'running') return endOfPhase(phase, timings.compensationTimeoutMs, resumedAt);
  const expiry = expiresAt(state, compensation);
  return phase.kind === 'backing_off' ? Math.min(phase.retryAt, expiry) : expiry;
}
