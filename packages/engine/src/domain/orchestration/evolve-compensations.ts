/** The reverts of an orchestration, from its events. A revert is found by its id: a task can have several. */
import { DEFAULT_COMPENSATION_TTL_MS, failureDetailsView } from '@orra-ts/protocol';
import { backingOff, paused, started } from './attempt';
import type { EventOf, StoredCompensation } from './events';
import type { CompensationFailure, CompensationState, OrchestrationState } from './state';

type CompensationEvent = EventOf<
  | 'compensation_added'
  | 'in_doubt_recorded'
  | 'duplicate_recorded'
  | 'compensation_started'
  | 'compensation_paused'
  | 'compensation_held'
  | 'compensation_attempt_failed'
  | 'compensation_finished'
  | 'compensation_failure_resolved'
  | 'compensation_retried'
>;
type Compensations = readonly CompensationState[];

export const revertIdOf = ({
  taskId,
  revertId = taskId,
}: {
  readonly taskId: string;
  readonly revertId?: string;
}): string => revertId;

/** Whether its service may respond: an attempt has begun, in this round or before an operator's retry. */
export const mayHaveBeenAsked = ({ attempt, retriedAt }: CompensationState): boolean =>
  attempt > 0 || retriedAt !== undefined;

/** Not used by any revert of the task yet. */
const nextRound = (compensations: Compensations, taskId: string): number =>
  compensations.reduce(
    (next, compensation) => (compensation.taskId === taskId ? Math.max(next, compensation.round + 1) : next),
    0,
  );

/** Id of another revert of the task. The first id is that of the revert of its output. */
export function newRevertId({ compensations }: Pick<OrchestrationState, 'compensations'>, taskId: string): string {
  const count = compensations.filter((compensation) => compensation.taskId === taskId).length;
  const isFirstFree = !compensations.some(({ id }) => id === taskId);
  return isFirstFree && count === 0 ? taskId : `${taskId}#${count + 1}`;
}

/** Completed work that can be reverted, in order of completion. */
export function compensationsAtEnd({ tasks, compensations }: OrchestrationState): Compensations {
  const completed: { readonly order: number; readonly compensation: CompensationState }[] = [];
  for (const { plan, phase } of tasks.values()) {
    if (phase.kind !== 'completed' || !phase.compensation) continue;
    completed.push({ order: phase.order, compensation: revertOf(plan.id, plan.id, phase.compensation, phase.at) });
  }
  const ordered = completed.sort((a, b) => a.order - b.order).map(({ compensation }) => compensation);
  return compensations.length === 0 ? ordered : [...compensations, ...ordered];
}

/**
 * Late work is reverted like other work (E5). It completed last, so it comes first. A revert without output that has not
 * begun, or that only has a record, becomes the revert of this output; after one that has begun, a second revert follows.
 * The decision of an operator stands: the output is recorded and not reverted.
 */
export function afterLateSuccess(
  { compensations }: OrchestrationState,
  { taskId, at, output, insteadOfRevert }: EventOf<'task_completed'>,
  compensation: StoredCompensation,
): Compensations {
  const before = compensations.findLast(
    (candidate) => candidate.taskId === taskId && candidate.outcome !== 'completed',
  );
  if (before?.failure && before.failure.resolutionState !== 'pending') {
    return replace(compensations, { ...before, failure: { ...before.failure, lateOutput: output } });
  }
  const round = nextRound(compensations, taskId);
  if (before && (isReplaceable(before) || insteadOfRevert === true)) {
    const others = compensations.filter(({ id }) => id !== before.id);
    const { failure } = before;
    const late = revertOf(before.id, taskId, compensation, at, mayHaveBeenAsked(before) ? round : before.round);
    return [...others, { ...late, failure }];
  }
  return [...compensations, revertOf(newRevertId({ compensations }, taskId), taskId, compensation, at, round)];
}

/** It was never requested, or it failed. */
const isReplaceable = ({ phase }: CompensationState): boolean =>
  phase.kind === 'pending' ||
  (phase.kind === 'finished' &&
    (phase.status === 'in_doubt' || phase.status === 'failed' || phase.status === 'expired'));

export function evolveCompensations(state: OrchestrationState, event: CompensationEvent): Compensations {
  const { compensations } = state;
  switch (event.type) {
    case 'compensation_added': {
      const { revertId: id, taskId, outcome, ttlMs, at } = event;
      const round = nextRound(compensations, taskId);
      const ttlFrom = state.ending?.at ?? at;
      return [...compensations, { ...pending(id, taskId, at, round), ttlFrom, outcome, ttlMs }];
    }
    case 'in_doubt_recorded': {
      const { revertId: id, taskId, failureId, error, failure: reported, at } = event;
      const round = nextRound(compensations, taskId);
      const failure = {
        id: failureId,
        status: 'in_doubt',
        error,
        ...(reported ? { failureDetails: failureDetailsView(reported) } : {}),
        attempts: 0,
        at,
        resolutionState: 'pending',
      } as const;
      return [
        ...compensations,
        { ...pending(id, taskId, at, round), outcome: 'unknown', phase: recorded('in_doubt'), failure },
      ];
    }
    case 'duplicate_recorded':
      return [...compensations, duplicateOf(state, event)];
    case 'compensation_started':
      return change(state, event, (before) => ({
        ...before,
        ...started(before, event),
        turnAt: before.turnAt ?? event.at,
        queuedMs: queuedUntil(before, event.at),
      }));
    case 'compensation_paused':
      return change(state, event, (before) => ({
        ...before,
        ...(event.sent === false ? withoutAttempt(before, event.at) : paused(before, event.at)),
        turnAt: before.turnAt ?? event.at,
        queuedMs: queuedUntil(before, event.at),
        stuckAt: before.stuckAt ?? event.at,
      }));
    case 'compensation_held':
      return change(state, event, (before) => heldAgain(before, event.at));
    case 'compensation_attempt_failed':
      return change(state, event, (before) => ({
        ...before,
        ...backingOff(before, event.retryAt),
        stuckAt: before.stuckAt ?? event.at,
      }));
    case 'compensation_finished':
      return change(state, event, (before) => ({
        ...before,
        phase: { kind: 'finished', status: event.status, answered: event.answered === true },
        failure: failureAfter(before, event),
      }));
    case 'compensation_failure_resolved':
      return change(state, event, ({ failure, ...before }) => ({
        ...before,
        failure: failure && {
          ...failure,
          resolutionState: event.resolution,
          resolution: event.reason,
          resolvedAt: event.at,
        },
      }));
    case 'compensation_retried':
      return change(state, event, (before) => retried(before, event.at, nextRound(compensations, event.taskId)));
  }
}

const RESOLVED_BY_RETRY = 'compensated by a retry';
/** The resolution of a record whose revert succeeded after it was given up. */
export const REVERTED_LATE = 'reverted late';

function retried({ failure, ...before }: CompensationState, at: number, round: number): CompensationState {
  const { phase } = before;
  const isPartial = phase.kind === 'finished' && phase.status === 'partial';
  const isAnswered = phase.kind === 'finished' && phase.answered;
  const { completed = [], remaining = [] } = failure ?? {};
  const next = isPartial || isAnswered ? round : before.round;
  const { earlierRounds = [] } = before;
  return {
    ...before,
    phase: { kind: 'pending' },
    attempt: 0,
    pauses: 0,
    round: next,
    earlierRounds: next === before.round ? before.earlierRounds : [...earlierRounds, before.round],
    retriedAt: at,
    turnAt: undefined,
    queuedMs: undefined,
    usedMs: undefined,
    stuckAt: undefined,
    previous: isPartial ? { completed, remaining } : before.previous,
    failure: failure && { ...failure, resolutionState: 'pending', resolution: undefined, resolvedAt: undefined },
  };
}

/** Each revert has at most one record: a retry that fails renews it, one that succeeds resolves it. */
function failureAfter(
  before: CompensationState,
  event: EventOf<'compensation_finished'>,
): CompensationFailure | undefined {
  const { failure, attempt } = before;
  const { status, failureId: id, error, at, partial } = event;
  const failureDetails = event.failure && failureDetailsView(event.failure);
  // The decision of an operator stands.
  const isDecided = failure !== undefined && failure.resolutionState !== 'pending';
  if (status === 'completed') {
    if (isDecided) return { ...failure, lateRevert: true };
    const resolution = before.retriedAt === undefined ? REVERTED_LATE : RESOLVED_BY_RETRY;
    return failure && { ...failure, resolutionState: 'resolved', resolution, resolvedAt: at };
  }
  if (id === undefined || isDecided) return failure;
  // An output that the record shows stays shown.
  const { output, otherOutput } = failure ?? {};
  const kept = { ...(output === undefined ? {} : { output }), ...(otherOutput === undefined ? {} : { otherOutput }) };
  return { ...kept, id, status, error, failureDetails, ...partial, attempts: attempt, at, resolutionState: 'pending' };
}

/** The attempt under way never reached its service, so it does not count. */
const withoutAttempt = (before: CompensationState, at: number): Pick<CompensationState, 'attempt' | 'phase'> => ({
  attempt: before.attempt - 1,
  phase: { kind: 'paused', since: at },
});

/** As before its first turn, except that a part of its TTL has passed. */
function heldAgain(before: CompensationState, at: number): CompensationState {
  const { phase, attempt, turnAt = at, queuedMs = 0, usedMs = 0 } = before;
  return {
    ...before,
    phase: { kind: 'pending' },
    attempt: phase.kind === 'running' ? attempt - 1 : attempt,
    turnAt: undefined,
    queuedMs: undefined,
    usedMs: usedMs + at - turnAt - queuedMs,
    stuckAt: undefined,
  };
}

/** Queued: its back-off was over and others had their turn. */
function queuedUntil({ phase, queuedMs }: CompensationState, at: number): number | undefined {
  const ms = phase.kind === 'backing_off' ? at - phase.retryAt : 0;
  return ms > 0 ? (queuedMs ?? 0) + ms : queuedMs;
}

function duplicateOf(
  { tasks, compensations }: OrchestrationState,
  { revertId, taskId, failureId: id, output: otherOutput, compensation, at }: EventOf<'duplicate_recorded'>,
): CompensationState {
  const phase = tasks.get(taskId)?.phase;
  const output = phase?.kind === 'completed' ? phase.output : undefined;
  // The first round is that of the revert of the first output.
  const round = Math.max(1, nextRound(compensations, taskId));
  return {
    ...revertOf(revertId, taskId, compensation, at, round),
    isDuplicate: true,
    phase: recorded('duplicate'),
    failure: { id, status: 'duplicate', output, otherOutput, attempts: 0, at, resolutionState: 'pending' },
  };
}

const recorded = (status: 'in_doubt' | 'duplicate'): CompensationState['phase'] => ({
  kind: 'finished',
  status,
  answered: false,
});

const pending = (id: string, taskId: string, completedAt: number, round: number): CompensationState => ({
  id,
  taskId,
  outcome: 'completed',
  ttlMs: DEFAULT_COMPENSATION_TTL_MS,
  completedAt,
  phase: { kind: 'pending' },
  attempt: 0,
  pauses: 0,
  round,
});

const revertOf = (
  id: string,
  taskId: string,
  compensation: StoredCompensation,
  completedAt: number,
  round = 0,
): CompensationState => ({ ...pending(id, taskId, completedAt, round), compensation, ttlMs: compensation.ttlMs });

const change = (
  { compensations }: OrchestrationState,
  event: { readonly taskId: string; readonly revertId?: string },
  apply: (before: CompensationState) => CompensationState,
): Compensations => {
  const id = revertIdOf(event);
  return compensations.map((compensation) => (compensation.id === id ? apply(compensation) : compensation));
};

const replace = (compensations: Compensations, changed: CompensationState): Compensations =>
  compensations.map((compensation) => (compensation.id === changed.id ? changed : compensation));
