/** Decisions about undoing what was done: one after another, in reverse order of completion, one final record each (E6). */
import { jitteredMs } from '@orra-ts/common';
import type { RevertOutcome } from '@orra-ts/protocol';
import type { OrchestrationEvent } from './events';
import type { CompensationState, OrchestrationState } from './state';
import { MAX_PAUSES_PER_ATTEMPT, MAX_RETRY_AFTER_MS, wentAwayTooOften, type DecisionContext } from './timings';

/** The compensation whose turn it is: that of the task completed last among those not undone yet. */
function currentCompensation(state: OrchestrationState): CompensationState | undefined {
  // One that has begun goes on, even when a late result has come in meanwhile: two reverts never run side by side.
  const begun = state.compensations.find(({ phase }) => phase.kind !== 'pending' && phase.kind !== 'finished');
  return begun ?? state.compensations.findLast(({ phase }) => phase.kind === 'pending');
}

function expiresAt(state: OrchestrationState, compensation: CompensationState): number {
  const phase = state.tasks.get(compensation.taskId)?.phase;
  const ttlMs = phase?.kind === 'completed' ? (phase.compensation?.ttlMs ?? 0) : 0;
  return compensation.completedAt + ttlMs;
}

/** What a service answered to a revert. */
export function receiveRevertResult(
  state: OrchestrationState,
  taskId: string,
  executionId: string | undefined,
  outcome: RevertOutcome,
  context: DecisionContext,
): OrchestrationEvent[] {
  const compensation = state.compensations.find((candidate) => candidate.taskId === taskId);
  if (!compensation || compensation.phase.kind === 'finished' || compensation.phase.kind === 'pending') return [];
  const { now, newId } = context;
  const finished = { type: 'compensation_finished', at: now, taskId, id: newId() } as const;
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
      return [{ ...finished, status: outcome.status, error: outcome.error }];
    case 'failed': {
      const { phase } = compensation;
      if (phase.kind === 'backing_off') return [];
      if (executionId !== undefined && executionId !== '' && executionId !== phase.executionId) return [];
      if (outcome.failure?.retryable === false) return [{ ...finished, status: 'failed', error: outcome.error }];
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
  { now, timings, random, newId }: DecisionContext,
): OrchestrationEvent[] {
  const { taskId, attempt } = compensation;
  if (attempt >= timings.compensationMaxAttempts) {
    const text = `max compensation attempts (${timings.compensationMaxAttempts}) reached: ${error}`;
    return [{ type: 'compensation_finished', at: now, taskId, id: newId(), status: 'failed', error: text }];
  }
  const backoffMs = jitteredMs(
    { baseMs: timings.compensationRetryBaseMs, capMs: timings.compensationRetryCapMs },
    attempt - 1,
    timings.retryJitter,
    random,
  );
  const retryAt = now + Math.max(backoffMs, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
  return [{ type: 'compensation_attempt_failed', at: now, taskId, id: newId(), error, retryAt }];
}

/** What is due for the compensation whose turn it is, or nothing. */
export function dueForCompensation(state: OrchestrationState, context: DecisionContext): OrchestrationEvent[] {
  const compensation = currentCompensation(state);
  if (!compensation) return [];
  const { now, resumedAt, timings, isAvailable, newId } = context;
  const { taskId, phase } = compensation;
  const serviceId = state.tasks.get(taskId)?.plan.serviceId ?? '';
  if (phase.kind === 'running') {
    if (!isAvailable(serviceId)) return [paused(taskId, serviceId, context)];
    if (now < Math.max(phase.startedAt, resumedAt) + timings.compensationTimeoutMs) return [];
    return attemptFailed(compensation, 'compensation timed out waiting for result', 0, context);
  }
  if (now >= expiresAt(state, compensation)) {
    const error = 'the time during which this task can be reverted is over';
    return [{ type: 'compensation_finished', at: now, taskId, id: newId(), status: 'expired', error }];
  }
  if (phase.kind === 'backing_off' && now < phase.retryAt) return [];
  if (!isAvailable(serviceId)) return phase.kind === 'paused' ? [] : [paused(taskId, serviceId, context)];
  const goesOn = phase.kind === 'paused' && phase.executionId !== undefined;
  if (goesOn && compensation.pauses > MAX_PAUSES_PER_ATTEMPT) {
    return attemptFailed(compensation, wentAwayTooOften(compensation.pauses), 0, context);
  }
  return [
    {
      type: 'compensation_started',
      at: now,
      taskId,
      id: newId(),
      attempt: goesOn ? compensation.attempt : compensation.attempt + 1,
      executionId: (goesOn ? phase.executionId : undefined) ?? context.newCompensationExecutionId(),
    },
  ];
}

const paused = (taskId: string, serviceId: string, { now, newId }: DecisionContext): OrchestrationEvent => ({
  type: 'compensation_paused',
  at: now,
  taskId,
  id: newId(),
  reason: `service ${serviceId} is not healthy`,
});

/** When time alone makes something due; undefined: never. */
export function compensationDueAt(
  state: OrchestrationState,
  { timings, resumedAt }: Pick<DecisionContext, 'timings' | 'resumedAt'>,
): number | undefined {
  const compensation = currentCompensation(state);
  if (!compensation) return undefined;
  const { phase } = compensation;
  if (phase.kind === 'running') return Math.max(phase.startedAt, resumedAt) + timings.compensationTimeoutMs;
  const expiry = expiresAt(state, compensation);
  return phase.kind === 'backing_off' ? Math.min(phase.retryAt, expiry) : expiry;
}
