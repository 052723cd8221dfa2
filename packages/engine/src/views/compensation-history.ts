/** The reverts of one task in an inspection: an entry per attempt, and one for each outcome and record. */
import {
  failureDetailsView,
  type CompensationEventView,
  type CompensationStatus,
  type FailureDetails,
  type TaskInspection,
} from '@orra-ts/protocol';
import type { EventOf } from '../domain/orchestration/events';
import { REVERTED_LATE, revertIdOf } from '../domain/orchestration/evolve-compensations';
import type { CompensationState } from '../domain/orchestration/state';
import { toTimestamp } from '../wire-time';

export const DUPLICATE = 'a second success under the same key has another output';

/** Entry ids as on the Go engine: `comp_fail_task1_10` contains the attempt, the others do not. */
const OUTCOME_ID = {
  completed: (taskId: string) => `comp_completed_${taskId}`,
  partial: (taskId: string) => `comp_completed_partially_${taskId}`,
  failed: (taskId: string, attempt: number) => `comp_fail_${taskId}_${attempt}`,
  expired: (taskId: string, attempt: number) => `comp_expired_${taskId}_${attempt}`,
} as const;

/** The state of one revert, as its events describe it. */
interface Progress {
  status: CompensationStatus;
  attempt: number;
  at: number;
  executionId?: string;
  partial?: EventOf<'compensation_finished'>['partial'];
}

type RevertEvent = EventOf<
  | 'compensation_added'
  | 'compensation_started'
  | 'compensation_paused'
  | 'compensation_held'
  | 'compensation_attempt_failed'
  | 'compensation_retried'
  | 'compensation_finished'
  | 'in_doubt_recorded'
  | 'duplicate_recorded'
>;

export class CompensationHistory {
  readonly entries: CompensationEventView[] = [];
  private readonly reverts = new Map<string, Progress>();

  constructor(
    private readonly taskId: string,
    private readonly maxAttempts: number,
  ) {}

  record(event: RevertEvent): void {
    const { at } = event;
    const revertId = revertIdOf(event);
    const before = this.reverts.get(revertId) ?? { status: 'pending', attempt: 0, at };
    this.reverts.set(revertId, before);
    before.at = at;
    switch (event.type) {
      case 'compensation_added':
        break;
      case 'compensation_started':
        before.status = 'processing';
        before.attempt = event.attempt;
        // The same execution continues after a pause: it is the same attempt and does not get a second entry.
        if (event.executionId === before.executionId) break;
        before.executionId = event.executionId;
        this.add(`comp_attempt_${this.taskId}_${event.attempt}`, before);
        break;
      case 'compensation_held':
        this.undoAttempt(before);
        break;
      case 'compensation_paused':
        if (event.sent === false) this.undoAttempt(before);
        else before.status = before.attempt === 0 ? 'pending' : 'processing';
        break;
      case 'compensation_attempt_failed':
        // Still running, once it has begun.
        before.status = before.attempt === 0 ? 'pending' : 'processing';
        break;
      case 'compensation_retried':
        before.status = 'pending';
        before.attempt = 0;
        break;
      case 'compensation_finished':
        before.status = event.status;
        before.partial = event.partial;
        this.add(OUTCOME_ID[event.status](this.taskId, before.attempt), before, event.error, event.failure);
        break;
      case 'in_doubt_recorded':
        before.status = 'failed';
        this.add(`comp_in_doubt_${this.taskId}`, before, event.error, event.failure);
        break;
      case 'duplicate_recorded':
        before.status = 'failed';
        this.add(`comp_duplicate_${this.taskId}`, before, DUPLICATE);
        break;
    }
  }

  /**
   * The revert that matters most: one that has not ended, then one with a record, then the newest. Undefined if the
   * task has none.
   *
   * @param compensations the reverts of the task
   * @param endedAt when the orchestration ended: its reverts became due then
   * @param stateOfWait why a revert that has not begun waits
   */
  summary(
    compensations: readonly CompensationState[],
    endedAt: number,
    stateOfWait: (revert: CompensationState) => string | undefined = () => undefined,
  ): TaskInspection['compensation'] {
    const shown =
      compensations.findLast(({ phase }) => phase.kind !== 'finished') ??
      compensations.findLast(({ phase }) => phase.kind === 'finished' && phase.status !== 'completed') ??
      compensations.at(-1);
    if (!shown) return undefined;
    const progress = this.reverts.get(shown.id);
    const { status, attempt, at, partial } = progress ?? {
      status: 'pending' as const,
      attempt: 0,
      at: Math.max(shown.completedAt, endedAt),
    };
    return {
      status,
      attempt,
      max_attempts: this.maxAttempts,
      timestamp: toTimestamp(at),
      detail: shown.phase.kind === 'pending' ? stateOfWait(shown) : detailOf(shown),
      ...(status === 'partial' ? partial : undefined),
    };
  }

  /** Its service has not received the attempt that was under way, if there was one. */
  private undoAttempt(before: Progress): void {
    before.status = 'pending';
    if (before.attempt === 0) return;
    const id = `comp_attempt_${this.taskId}_${before.attempt}`;
    this.entries.splice(
      this.entries.findLastIndex((entry) => entry.id === id),
      1,
    );
    before.attempt -= 1;
    before.executionId = undefined;
  }

  private add(id: string, { status, attempt, at }: Progress, error?: string, failure?: FailureDetails): void {
    this.entries.push({
      id,
      taskId: this.taskId,
      status,
      attempt,
      maxAttempts: this.maxAttempts,
      timestamp: toTimestamp(at),
      error,
      ...(failure && { failureDetails: failureDetailsView(failure) }),
    });
  }
}

/** Details that the status lacks, because it has only the values of the Go engine. */
function detailOf({ phase, failure }: CompensationState): string | undefined {
  if (failure?.lateRevert) return 'reverted_after_decision';
  if (phase.kind === 'paused') return 'disconnected';
  if (phase.kind !== 'finished') return undefined;
  if (phase.status === 'in_doubt' || phase.status === 'duplicate') return phase.status;
  if (phase.status === 'completed' && failure?.resolution === REVERTED_LATE) return 'reverted_late';
  return phase.status === 'expired' && failure?.attempts === 0 ? 'never_asked' : undefined;
}
