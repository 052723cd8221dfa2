/**
 * What attempts of tasks and of compensations have in common: their phases, the pause while their service is unavailable,
 * and the back-off between two attempts. An attempt that is paused keeps its execution id when it continues.
 */
import { jitteredMs } from '@orra-ts/common';
import type { DecisionContext } from './decide';
import type { EventOf } from './events';

type AttemptPhase =
  /** Sent, or to be sent again after a restart or a reconnect. */
  | { readonly kind: 'running'; readonly executionId: string; readonly startedAt: number }
  /** Its service is unavailable; `executionId` if an attempt was under way. */
  | { readonly kind: 'paused'; readonly since: number; readonly executionId?: string }
  /** Between two attempts; `executionId` is that of the failed one, whose late success still counts. */
  | { readonly kind: 'backing_off'; readonly retryAt: number; readonly executionId: string };

/** The attempts of one task or compensation. `P` has the phases before the first attempt and after the last one. */
export interface Attempts<P extends { readonly kind: string } = never> {
  readonly phase: AttemptPhase | P;
  /** Attempts begun so far. */
  readonly attempt: number;
  /** How often its service became unavailable during the attempt under way. */
  readonly pauses: number;
}
type AnyAttempts = Attempts<{ readonly kind: 'waiting' | 'pending' | 'completed' | 'failed' | 'aborted' | 'finished' }>;
type AttemptChange = { readonly attempt?: number; readonly pauses?: number; readonly phase: AttemptPhase };

/** Longest wait that a service may ask for before the next attempt (E8). */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60_000;

/**
 * Maximum pauses during one attempt. The time of an attempt begins anew after each pause, so a task that crashes its
 * service, and a service that takes long to restart, would never use up their attempts (E8).
 */
export const MAX_PAUSES_PER_ATTEMPT = 20;

// ---- state

/** The id of the attempt under way, or of the one that failed last. */
const executionIdOf = ({ phase }: AnyAttempts): string | undefined =>
  phase.kind === 'running' || phase.kind === 'paused' || phase.kind === 'backing_off' ? phase.executionId : undefined;

export const started = (
  before: AnyAttempts,
  { attempt, executionId, at }: EventOf<'task_started'> | EventOf<'compensation_started'>,
): AttemptChange => ({
  attempt,
  pauses: executionId === executionIdOf(before) ? before.pauses : 0,
  phase: { kind: 'running', executionId, startedAt: at },
});

export const paused = ({ phase, pauses }: AnyAttempts, since: number): AttemptChange => ({
  pauses: pauses + 1,
  phase: { kind: 'paused', since, executionId: phase.kind === 'running' ? phase.executionId : undefined },
});

export const backingOff = (before: AnyAttempts, retryAt: number): AttemptChange => ({
  phase: { kind: 'backing_off', retryAt, executionId: executionIdOf(before) ?? '' },
});

// ---- decisions

/**
 * Whether a failure with this execution id has no attempt to fail: it reports an earlier attempt, or comes between two.
 * Some services send no id; their failures count for the attempt under way.
 */
export const isOutdated = (attempts: AnyAttempts, executionId: string | undefined): boolean =>
  attempts.phase.kind === 'backing_off' ||
  (executionId !== undefined && executionId !== '' && executionId !== executionIdOf(attempts));

/** When the next attempt may start: after the back-off, or later if the service asked for that. */
export function retryAt(
  failedAttempt: number,
  retryAfterMs: number,
  backoff: { readonly baseMs: number; readonly capMs: number },
  { now, timings, random }: DecisionContext,
): number {
  const backoffMs = jitteredMs(backoff, failedAttempt - 1, timings.retryJitter, random);
  return now + Math.max(backoffMs, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}

/** When a running or paused phase has lasted too long. Its time begins anew with the engine: no service could respond before. */
export const endOfPhase = (
  phase: Extract<AttemptPhase, { readonly kind: 'running' | 'paused' }>,
  limitMs: number,
  resumedAt: number,
): number => Math.max(phase.kind === 'running' ? phase.startedAt : phase.since, resumedAt) + limitMs;

/** Why the attempt under way has failed although its service is available again; undefined if it may continue. */
export const pauseProblem = ({ phase, pauses }: AnyAttempts): string | undefined =>
  phase.kind === 'paused' && phase.executionId !== undefined && pauses > MAX_PAUSES_PER_ATTEMPT
    ? `its service went away ${pauses} times during this attempt; if it crashes, this task may be the cause`
    : undefined;

/** The paused attempt, which continues, or a new one. */
export function nextAttempt(
  { phase, attempt }: AnyAttempts,
  newExecutionId: () => string,
): { readonly attempt: number; readonly executionId: string } {
  const underWay = phase.kind === 'paused' ? phase.executionId : undefined;
  return underWay === undefined
    ? { attempt: attempt + 1, executionId: newExecutionId() }
    : { attempt, executionId: underWay };
}

/** What the event of a pause contains. */
export const pauseOf = (
  taskId: string,
  serviceId: string,
  { now, newId }: DecisionContext,
): { readonly at: number; readonly taskId: string; readonly id: string; readonly reason: string } => ({
  at: now,
  taskId,
  id: newId(),
  reason: `service ${serviceId} is not healthy`,
});
