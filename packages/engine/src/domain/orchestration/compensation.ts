/** Decisions about reverting completed work. `compensation-order` says which revert may start, `records` what remains of it. */
import type { FailureDetails, RevertOutcome } from '@orra-ts/protocol';
import { endOfPhase, isOutdated, nextAttempt, pauseOf, pauseProblem, retryAt } from './attempt';
import { expiresAt, heldUntil, isOccupied, isUnfinished, ttlLeftMs } from './compensation-order';
import type { DecisionContext } from './decide';
import type { OrchestrationEvent } from './events';
import { NOT_REVERTIBLE, REVERT_EXPIRED, SERVICE_UNAVAILABLE, TIMED_OUT, UNREADABLE_OUTCOME } from './found-failures';
import { revertOf } from './records';
import type { CompensationState, OrchestrationState } from './state';

/** A response of a service to a revert. */
export interface RevertResponse {
  readonly taskId: string;
  /** @default the first revert of the task */
  readonly revertId?: string;
  /** Round of the key that the service responded to. @default the newest */
  readonly round?: number;
  readonly executionId?: string;
}

export function receiveRevertResult(
  state: OrchestrationState,
  { taskId, revertId = taskId, round, executionId, outcome }: RevertResponse & { readonly outcome: RevertOutcome },
  context: DecisionContext,
): OrchestrationEvent[] {
  const revert = state.compensations.find(({ id }) => id === revertId);
  if (!revert) return [];
  const isOlder = round !== undefined && round !== revert.round;
  // It reverted something else: the task without its output.
  if (isOlder && revert.earlierRounds?.includes(round) !== true) return [];
  if (revert.phase.kind === 'finished') return receiveLate(revert, outcome, context);
  // A success of an earlier round counts: what is to be reverted is the same.
  if (revert.phase.kind === 'pending' && revert.retriedAt === undefined && !isOlder) return [];
  if (outcome.kind === 'completed') return [finished(revert, 'completed', context)];
  if (isOlder || revert.phase.kind === 'pending') return [];
  switch (outcome.kind) {
    case 'partial':
      return [partial(revert, outcome, context)];
    case 'refused':
      return [givenUp(revert, outcome.status, outcome.error, context, { answered: true })];
    case 'failed': {
      if (isOutdated(revert, executionId)) return [];
      if (outcome.failure?.retryable === false) {
        return [givenUp(revert, 'failed', outcome.error, context, { failure: outcome.failure, answered: true })];
      }
      return attemptFailed(revert, outcome, context);
    }
  }
}

/** After it was given up: a success or a part of it is news, a failure is not. */
function receiveLate(
  revert: CompensationState,
  outcome: RevertOutcome,
  context: DecisionContext,
): OrchestrationEvent[] {
  if (revert.phase.kind !== 'finished') return [];
  const { status } = revert.phase;
  const isGivenUp = status === 'failed' || status === 'expired';
  if (outcome.kind === 'completed' && (isGivenUp || status === 'partial')) {
    return revert.failure?.lateRevert ? [] : [finished(revert, 'completed', context)];
  }
  if (outcome.kind === 'partial' && isGivenUp) return [partial(revert, outcome, context)];
  return [];
}

export function receiveMalformedRevert(
  state: OrchestrationState,
  { error, ...response }: RevertResponse & { readonly error: string },
  context: DecisionContext,
): OrchestrationEvent[] {
  const outcome = { kind: 'failed', error, failure: UNREADABLE_OUTCOME } as const;
  const events = receiveRevertResult(state, { ...response, executionId: undefined, outcome }, context);
  // Its service may keep this response and repeat it under the same key, so an operator's retry needs another one.
  return events.map((event) => (event.type === 'compensation_finished' ? { ...event, answered: true } : event));
}

function attemptFailed(
  revert: CompensationState,
  { error, failure }: { readonly error: string; readonly failure?: FailureDetails },
  context: DecisionContext,
): OrchestrationEvent[] {
  const { timings } = context;
  const reported = failure ? { failure } : {};
  const { attempt } = revert;
  if (attempt >= timings.compensationMaxAttempts) {
    const text = `max compensation attempts (${timings.compensationMaxAttempts}) reached: ${error}`;
    return [givenUp(revert, 'failed', text, context, reported)];
  }
  const backoff = { baseMs: timings.compensationRetryBaseMs, capMs: timings.compensationRetryCapMs };
  const next = retryAt(attempt, failure?.retryAfterMs ?? 0, backoff, context);
  return [{ type: 'compensation_attempt_failed', ...about(revert, context), error, ...reported, retryAt: next }];
}

const about = (
  { taskId, id }: CompensationState,
  { now, newId }: DecisionContext,
): { readonly at: number; readonly taskId: string; readonly revertId?: string; readonly id: string } => ({
  at: now,
  taskId,
  ...revertOf(taskId, id),
  id: newId(),
});

type Finished = Extract<OrchestrationEvent, { type: 'compensation_finished' }>;

const finished = (revert: CompensationState, status: 'completed' | 'partial', context: DecisionContext): Finished => ({
  type: 'compensation_finished',
  ...about(revert, context),
  status,
});

/** Partial is not completed: the rest is for an operator. */
function partial(
  revert: CompensationState,
  { completed, remaining }: Extract<RevertOutcome, { kind: 'partial' }>,
  context: DecisionContext,
): Finished {
  const failureId = revert.failure?.id ?? context.newFailureId();
  return { ...finished(revert, 'partial', context), partial: { completed, remaining }, failureId };
}

/** Its end (E6), and the record for operators. */
function givenUp(
  revert: CompensationState,
  status: 'failed' | 'expired',
  error: string,
  context: DecisionContext,
  more: { readonly failure?: FailureDetails; readonly answered?: true } = {},
): Finished {
  const failureId = revert.failure?.id ?? context.newFailureId();
  return { type: 'compensation_finished', ...about(revert, context), status, error, failureId, ...more };
}

/** The next thing that is due for any revert, from the last completed task to the first. */
export function dueForCompensation(state: OrchestrationState, context: DecisionContext): OrchestrationEvent[] {
  const occupied = isOccupied(state);
  for (let index = state.compensations.length - 1; index >= 0; index--) {
    const revert = state.compensations[index];
    if (!revert || !isUnfinished(revert)) continue;
    const events = dueForRevert(state, revert, occupied, context);
    if (events.length > 0) return events;
  }
  return [];
}

function dueForRevert(
  state: OrchestrationState,
  revert: CompensationState,
  occupied: boolean,
  context: DecisionContext,
): OrchestrationEvent[] {
  const { now, resumedAt, timings, isAvailable, serviceOf } = context;
  const { taskId, phase } = revert;
  const serviceId = state.tasks.get(taskId)?.plan.serviceId ?? '';
  const service = serviceOf(state.projectId, serviceId);
  if (service?.revertible !== true) {
    const why = service ? 'is no longer revertible' : 'is no longer registered';
    const failure = service ? NOT_REVERTIBLE : SERVICE_UNAVAILABLE;
    return [givenUp(revert, 'failed', `service ${serviceId} ${why}`, context, { failure })];
  }
  if (phase.kind === 'running') {
    if (isUnsent(revert, context) && now < heldUntil(state, revert, context)) return [held(revert, context)];
    if (!isAvailable(serviceId)) return [pause(revert, serviceId, context)];
    if (now < endOfPhase(phase, timings.compensationTimeoutMs, resumedAt)) return [];
    return attemptFailed(revert, { error: 'compensation timed out waiting for result', failure: TIMED_OUT }, context);
  }
  if (phase.kind === 'backing_off' && isSuperseded(state, revert)) return [finished(revert, 'completed', context)];
  const isBackingOff = phase.kind === 'backing_off' && now < phase.retryAt;
  const isQueued = phase.kind === 'backing_off' && !isBackingOff && isAvailable(serviceId);
  if (!isQueued && now >= (expiresAt(state, revert) ?? Infinity)) return [expired(state, revert, context)];
  if (isBackingOff) return [];
  if (phase.kind === 'paused' && revert.attempt === 0 && now < heldUntil(state, revert, context)) {
    return [held(revert, context)];
  }
  // Before its turn, its TTL is suspended: a pause would start it.
  if (occupied && (phase.kind === 'pending' || isAvailable(serviceId))) return [];
  if (phase.kind === 'pending' && now < heldUntil(state, revert, context)) return [];
  if (!isAvailable(serviceId)) return phase.kind === 'paused' ? [] : [pause(revert, serviceId, context)];
  const problem = pauseProblem(revert);
  if (problem !== undefined) return attemptFailed(revert, { error: problem, failure: SERVICE_UNAVAILABLE }, context);
  const { newCompensationExecutionId } = context;
  const next = nextAttempt(revert, newCompensationExecutionId);
  return [{ type: 'compensation_started', ...about(revert, context), ...next }];
}

/** Without an output, and a late success of its task has a revert of its own: another attempt has nothing to do. */
const isSuperseded = ({ compensations }: OrchestrationState, { id, taskId, outcome }: CompensationState): boolean =>
  outcome !== 'completed' &&
  compensations.some((other) => other.id !== id && other.taskId === taskId && other.outcome === 'completed');

function expired(state: OrchestrationState, revert: CompensationState, context: DecisionContext): OrchestrationEvent {
  const { attempt, phase } = revert;
  const wasOver = ttlLeftMs(state, revert) <= 0;
  const neverAsked = attempt === 0 && phase.kind === 'paused' && !wasOver;
  return neverAsked
    ? givenUp(revert, 'expired', NEVER_ASKED, context, { failure: SERVICE_UNAVAILABLE })
    : givenUp(revert, 'expired', TTL_OVER, context, { failure: REVERT_EXPIRED });
}
const TTL_OVER = 'the time during which this task can be reverted is over';
/** The words of the table of outcomes. */
const NEVER_ASKED = `${TTL_OVER}: never asked, its service was away`;

const pause = (revert: CompensationState, serviceId: string, context: DecisionContext): OrchestrationEvent => ({
  type: 'compensation_paused',
  ...pauseOf(revert.taskId, serviceId, context),
  ...revertOf(revert.taskId, revert.id),
  ...(isUnsent(revert, context) ? { sent: false } : {}),
});

const held = ({ taskId, id }: CompensationState, { now: at }: DecisionContext): OrchestrationEvent => ({
  type: 'compensation_held',
  at,
  taskId,
  ...revertOf(taskId, id),
});

/** Whether the attempt under way never reached a connection. */
const isUnsent = ({ phase }: CompensationState, context: DecisionContext): boolean =>
  phase.kind === 'running' && context.isUnsent(phase.executionId);

/** When time alone makes something due; undefined if it never does. */
export function compensationDueAt(
  state: OrchestrationState,
  context: Pick<DecisionContext, 'timings' | 'resumedAt'>,
): number | undefined {
  const occupied = isOccupied(state);
  let next: number | undefined;
  for (const revert of state.compensations) {
    const at = isUnfinished(revert) ? revertDueAt(state, revert, occupied, context) : Infinity;
    if (at < (next ?? Infinity)) next = at;
  }
  return next;
}

function revertDueAt(
  state: OrchestrationState,
  revert: CompensationState,
  occupied: boolean,
  { timings, resumedAt }: Pick<DecisionContext, 'timings' | 'resumedAt'>,
): number {
  const { phase } = revert;
  if (phase.kind === 'running') return endOfPhase(phase, timings.compensationTimeoutMs, resumedAt);
  const expiry = expiresAt(state, revert) ?? Infinity;
  if (phase.kind === 'backing_off') {
    // Once queued, it waits for the end of another attempt, which is due by itself.
    return occupied && expiry > phase.retryAt ? Infinity : Math.min(expiry, phase.retryAt);
  }
  if (phase.kind === 'paused' || occupied) return expiry;
  return Math.min(expiry, heldUntil(state, revert, { timings, resumedAt }));
}
