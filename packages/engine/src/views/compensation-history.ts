/** One task's compensation in an inspection: an entry per attempt, and one for the outcome. */
import type { CompensationEventView, CompensationStatus, TaskInspection } from '@orra-ts/protocol';
import type { EventOf } from '../domain/orchestration/events';
import { toTimestamp } from '../wire-time';

/** Entry ids as on the Go engine: `comp_fail_task1_10` contains the attempt, the others do not. */
const OUTCOME_ID = {
  completed: (taskId: string) => `comp_completed_${taskId}`,
  partial: (taskId: string) => `comp_completed_partially_${taskId}`,
  failed: (taskId: string, attempt: number) => `comp_fail_${taskId}_${attempt}`,
  expired: (taskId: string, attempt: number) => `comp_expired_${taskId}_${attempt}`,
} as const;

export class CompensationHistory {
  readonly entries: CompensationEventView[] = [];
  private status: CompensationStatus = 'pending';
  private attempt = 0;
  private at: number | undefined;
  private executionId: string | undefined;

  constructor(
    private readonly taskId: string,
    private readonly maxAttempts: number,
  ) {}

  /** The same execution continues after a pause: it is the same attempt and does not get a second entry. */
  started({ attempt, executionId, at }: EventOf<'compensation_started'>): void {
    this.move('processing', attempt, at);
    if (executionId === this.executionId) return;
    this.executionId = executionId;
    this.add(`comp_attempt_${this.taskId}_${attempt}`, at);
  }

  /** Paused, or between two attempts: still running, once it has begun. */
  waits(at: number): void {
    this.move(this.attempt === 0 ? 'pending' : 'processing', this.attempt, at);
  }

  /** A new round of attempts begins with attempt 1. */
  retried(at: number): void {
    this.move('pending', 0, at);
  }

  finished({ status, at, error }: EventOf<'compensation_finished'>): void {
    this.move(status, this.attempt, at);
    this.add(OUTCOME_ID[status](this.taskId, this.attempt), at, error);
  }

  /** The newest entry. Undefined when nothing has happened and nothing is due. */
  summary(dueSince: number | undefined): TaskInspection['compensation'] {
    const at = this.at ?? dueSince;
    if (at === undefined) return undefined;
    return { status: this.status, attempt: this.attempt, max_attempts: this.maxAttempts, timestamp: toTimestamp(at) };
  }

  private move(status: CompensationStatus, attempt: number, at: number): void {
    this.status = status;
    this.attempt = attempt;
    this.at = at;
  }

  private add(id: string, at: number, error?: string): void {
    this.entries.push({
      id,
      taskId: this.taskId,
      status: this.status,
      attempt: this.attempt,
      maxAttempts: this.maxAttempts,
      timestamp: toTimestamp(at),
      error,
    });
  }
}
