/**
 * E10: tasks that the engine does not need any more. A handler that runs gets its signal; a task that has not started is
 * dropped. In both cases the key is fenced, so that no later request starts it.
 */
import { adopt } from '@orra-ts/common';
import type { TaskCancel } from '@orra-ts/protocol';
import type { FenceStatus } from '../journal/execution-journal';
import type { ExecutorContext, Run } from './run';
import { reportJournalFailure, reportStatus } from './run-reports';
import { statusOf, type TaskFence } from './task-fence';

export interface TaskCancellationHost {
  readonly fence: TaskFence;
  runOf(key: string): Run | undefined;
  /** Removes a run from the queue. Returns false if it does not wait there. */
  withdraw(run: Run): boolean;
  leave(run: Run): void;
}

export class TaskCancellation {
  constructor(
    private readonly context: ExecutorContext,
    private readonly host: TaskCancellationHost,
  ) {}

  /** Responds with the stored outcome of the task or with what is known of its handler. */
  cancel(request: TaskCancel): void {
    const run = this.host.runOf(request.idempotencyKey);
    if (!run) return void this.cancelIdle(request);
    if (run.request.type !== 'task_request') return;
    if (run.task) {
      run.task.cancel?.();
      this.fenceInterrupted(run);
      reportStatus(this.context, request, 'in_progress');
    } else if (this.host.withdraw(run)) this.drop(run, () => this.host.leave(run));
    else run.cancelled = true;
  }

  /** A cancelled task does not start. Its key counts as running until it is fenced. */
  drop(run: Run, leave: () => void): void {
    const status = run.doubt ? 'interrupted' : 'not_started';
    const dropped = (): void => {
      reportStatus(this.context, { ...run.request, executionId: run.executionId }, status);
      leave();
    };
    const fenced = this.fenceKey(run, status);
    if (fenced) void fenced.then(dropped);
    else dropped();
  }

  /** The handler of a cancelled task has started, now or in an earlier process. */
  fenceInterrupted(run: Run): void {
    void this.fenceKey(run, 'interrupted');
  }

  /** A failure of the journal is logged: the key is then not fenced after a restart. */
  private fenceKey({ request }: Run, status: FenceStatus): Promise<void> | undefined {
    const failed = (error: unknown): void => reportJournalFailure(this.context, request, error);
    let fenced: void | Promise<void>;
    try {
      fenced = this.context.journal.fence(request.idempotencyKey, status);
    } catch (error) {
      failed(error);
      return undefined;
    }
    return adopt(fenced)?.then(undefined, failed);
  }

  /** A key that does not run in this process. */
  private async cancelIdle(request: TaskCancel): Promise<void> {
    const { idempotencyKey: key } = request;
    const { fence } = this.host;
    // A revert that runs has fenced the key, and an earlier `task_cancel` responds for this one.
    if (fence.isClosed(key)) return;
    try {
      const record = await fence.fence(key);
      const outcome = record?.outcome;
      if (outcome) this.context.outbox.repeatOutcome(key, outcome, request.executionId);
      else reportStatus(this.context, request, statusOf(record));
    } catch (error) {
      // The engine asks again.
      reportJournalFailure(this.context, request, error);
    }
  }
}
