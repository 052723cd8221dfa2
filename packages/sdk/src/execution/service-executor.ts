/**
 * The work of one service: request -> running? known? -> queue -> task or revert runner -> journal -> outbox. The
 * handler of a key runs at most once at a time, regardless of which requests arrive on which connection (X1), and its
 * outcome is in the journal before it is sent (X2).
 *
 * Here, in `TaskRunner` and in `OutcomeDelivery`, results that may be promises are handled without `callMaybeAsync`: its closures cost about
 * 5 % of the CPU time of a task.
 */
import { Latch, LimitedQueue, adopt } from '@orra-ts/common';
import type { CompensationRequest, TaskCancel, TaskRequest } from '@orra-ts/protocol';
import type { JournalRecord, ServiceJournal } from '../journal/execution-journal';
import { hasUnknownEffect, repeatedInDoubt } from './outcome';
import { OutcomeDelivery } from './outcome-delivery';
import { OverdueWatch, graceMsOf, type OverdueRun } from './overdue';
import { RevertRunner } from './revert-runner';
import type { ExecutorContext, Run, Runner, Settle } from './run';
import { reportJournalFailure, reportStatus } from './run-reports';
import { TaskCancellation } from './task-cancellation';
import { TaskFence } from './task-fence';
import { TaskRunner } from './task-runner';

export class ServiceExecutor {
  private readonly running = new Map<string, Run>();
  private readonly tasks: LimitedQueue<Run>;
  private readonly reverts: LimitedQueue<Run>;
  private readonly fence: TaskFence;
  private readonly cancellation: TaskCancellation;
  private readonly delivery: OutcomeDelivery;
  private accepting = true;
  private readonly idle = new Latch();
  private readonly overdueWatch: OverdueWatch;
  private overdueCount = 0;

  constructor(private readonly context: ExecutorContext) {
    const { concurrency } = context.definition;
    const settle: Settle = (run, outcome) => (outcome ? this.delivery.deliver(run, outcome) : this.finish(run));
    const taskRunner = new TaskRunner(context, settle);
    const revertRunner = new RevertRunner(context, settle);
    this.tasks = new LimitedQueue(concurrency, (run) => this.begin(run, taskRunner));
    // Separate from tasks, because a revert that waits behind a queue of tasks would use up its attempts.
    this.reverts = new LimitedQueue(concurrency, (run) => this.begin(run, revertRunner));
    this.overdueWatch = new OverdueWatch({
      clock: context.clock,
      runs: () => this.running.values(),
      onOverdue: (run) => this.overdue(run, run.request.type === 'task_request' ? taskRunner : revertRunner),
    });
    this.fence = new TaskFence({
      journal: context.journal,
      isRunning: (key) => this.running.has(key),
      start: (run) => void this.reverts.admit(run),
      supersede: (run, taskKey, record) => this.supersede(run, taskKey, record),
      failed: (run, error) => this.lookUpFailed(run, error),
    });
    this.cancellation = new TaskCancellation(context, {
      fence: this.fence,
      runOf: (key) => this.running.get(key),
      withdraw: (run) => this.tasks.withdraw(run),
      leave: (run) => this.leave(run),
    });
    this.delivery = new OutcomeDelivery(context, {
      releaseSlot: (run) => this.releaseSlot(run),
      finish: (run) => this.finish(run),
    });
  }

  get runningCount(): number {
    return this.running.size;
  }

  /** Runs that did not end in time, the oldest first. */
  overdueRuns(): OverdueRun[] {
    if (this.overdueCount === 0) return [];
    const now = this.context.clock.now();
    const overdue = [...this.running.values()].filter((run) => run.overdue);
    return overdue.map(({ request, startedAt }) => ({
      label: this.labelOf(request),
      idempotencyKey: request.idempotencyKey,
      ageMs: now - startedAt,
    }));
  }

  receive(request: TaskRequest | CompensationRequest): void {
    const { idempotencyKey: key } = request;
    const known = this.running.get(key);
    if (known) return this.join(known, request);
    if (!this.accepting || this.fence.isClosed(key)) return;
    const run: Run = {
      request,
      executionId: request.executionId,
      attempt: 0,
      doubt: undefined,
      cancelled: false,
      task: undefined,
      updates: undefined,
      holdsSlot: false,
      startedAt: 0,
      dueAt: Infinity,
      overdue: false,
    };
    this.running.set(key, run);
    const { journal } = this.context;
    let record: ReturnType<ServiceJournal['find']>;
    try {
      record = journal.find(key);
    } catch (error) {
      return this.lookUpFailed(run, error);
    }
    const pending = adopt(record);
    if (!pending) return this.admit(run, record as JournalRecord | undefined);
    pending.then(
      (found) => this.admit(run, found),
      (error: unknown) => this.lookUpFailed(run, error),
    );
  }

  /** E10: the engine does not need this task any more. */
  cancel(request: TaskCancel): void {
    this.cancellation.cancel(request);
  }

  /** E12: the connection that was just opened holds every key that runs or waits for its turn. */
  claim(): void {
    for (const { request, executionId } of this.running.values()) {
      reportStatus(this.context, { ...request, executionId }, 'in_progress');
    }
  }

  /** X6: replaces outcomes that the engine refused because of their size with failures. */
  replaceLargeOutcomes(limit: number): void {
    this.delivery.replaceLarge(limit);
  }

  /** L3: accepts no further requests. Queued requests still run, unless `stop` is called before. */
  refuseNew(): void {
    this.accepting = false;
  }

  /**
   * L3, at the end of the grace period: aborts the signals, and drops queued requests, which the engine sends again.
   */
  stop(reason: Error): void {
    this.accepting = false;
    for (const run of [...this.tasks.clear(), ...this.fence.clear(), ...this.reverts.clear()]) this.leave(run);
    for (const run of this.running.values()) run.task?.cut(reason);
  }

  /** Resolves when no request is queued or running, except for overdue runs. */
  async whenIdle(): Promise<void> {
    while (this.running.size > this.overdueCount) await this.idle.wait();
  }

  /** Resolves when no request is queued or running. */
  async whenEmpty(): Promise<void> {
    while (this.running.size > 0) await this.idle.wait();
  }

  /** No run is watched any more. */
  close(): void {
    this.overdueWatch.close();
  }

  private admit(run: Run, record: JournalRecord | undefined): void {
    const { request, executionId } = run;
    const { idempotencyKey: key } = request;
    if (record) {
      const { outcome, fence } = record;
      if (outcome && (outcome.final || fence || run.cancelled || outcome.executionId === executionId)) {
        if (run.cancelled) this.cancellation.fenceInterrupted(run);
        const isDoubted = 'inDoubt' in request && request.inDoubt === true && outcome.executionId !== executionId;
        this.context.outbox.repeatOutcome(key, isDoubted ? repeatedInDoubt(outcome) : outcome, executionId);
        return this.leave(run);
      }
      if (fence) {
        reportStatus(this.context, { ...request, executionId }, fence);
        return this.leave(run);
      }
      if (outcome && !record.acknowledged) this.context.outbox.forgetOutcome(key);
      run.doubt = !outcome ? 'crashed' : hasUnknownEffect(outcome) ? 'failed' : undefined;
    }
    if (run.cancelled) return this.cancellation.drop(run, () => this.leave(run));
    run.attempt = request.attempt ?? (record?.attempts ?? 0) + 1;
    if (request.type === 'task_request') this.tasks.admit(run);
    else this.fence.admit(run);
  }

  /** A duplicate: the outcome of the run belongs to the newest request. */
  private join(run: Run, request: TaskRequest | CompensationRequest): void {
    run.executionId = request.executionId;
    reportStatus(this.context, request, 'in_progress');
  }

  /** X7: the outcome of the task goes to the engine instead of a revert without it. */
  private supersede(run: Run, taskKey: string, { outcome }: JournalRecord): void {
    if (outcome) this.context.outbox.repeatOutcome(taskKey, outcome);
    const { request, executionId } = run;
    reportStatus(this.context, { ...request, executionId }, 'not_started');
    this.leave(run);
  }

  private begin(run: Run, runner: Runner): void {
    const limitMs = runner.limitMs(run.request);
    run.holdsSlot = true;
    run.startedAt = this.context.clock.now();
    run.dueAt = run.startedAt + limitMs + graceMsOf(this.context.handlerGraceMs, limitMs);
    this.overdueWatch.watch(run);
    this.context.secrets.add(run.request);
    const failed = (error: unknown): void => {
      // Without this record a crash is not detected, but the request is not refused for that.
      reportJournalFailure(this.context, run.request, error);
      start();
    };
    const start = (): void => {
      if (!run.cancelled) runner.run(run);
      else this.cancellation.drop(run, () => this.finish(run));
    };
    let begun: void | Promise<void>;
    try {
      begun = this.context.journal.begin(run.request.idempotencyKey, run.attempt);
    } catch (error) {
      return failed(error);
    }
    const pending = adopt(begun);
    if (!pending) return runner.run(run);
    pending.then(start, failed);
  }

  /** No outcome is invented: the key stays in progress, and the engine's own limit ends the attempt. */
  private overdue(run: Run, runner: Runner): void {
    const { request, startedAt } = run;
    run.overdue = true;
    this.overdueCount++;
    this.context.logger.warn('a handler does not end: its slot is free again, and its key stays in progress', {
      handler: this.labelOf(request),
      taskId: request.id,
      idempotencyKey: request.idempotencyKey,
      ageMs: this.context.clock.now() - startedAt,
      limitMs: runner.limitMs(request),
      fix: 'end the handler when `task.signal` fires, or set a longer `timeout`',
    });
    this.releaseSlot(run);
    runner.overdue?.(run);
    if (this.running.size <= this.overdueCount) this.idle.release();
  }

  private finish(run: Run): void {
    this.releaseSlot(run);
    this.leave(run);
  }

  private releaseSlot(run: Run): void {
    if (!run.holdsSlot) return;
    run.holdsSlot = false;
    this.queueOf(run).release();
  }

  private leave(run: Run): void {
    this.running.delete(run.request.idempotencyKey);
    this.context.secrets.forget(run.request);
    if (run.overdue) this.overdueCount--;
    this.fence.ended(run);
    if (this.running.size <= this.overdueCount) this.idle.release();
  }

  private labelOf({ type }: Run['request']): string {
    const { label, revert } = this.context.definition;
    return type === 'task_request' ? label : (revert?.label ?? label);
  }

  private queueOf({ request }: Run): LimitedQueue<Run> {
    return request.type === 'task_request' ? this.tasks : this.reverts;
  }

  /** Drops the request, because running it could run it twice. The engine sends it again. */
  private lookUpFailed(run: Run, error: unknown): void {
    reportJournalFailure(this.context, run.request, error);
    this.leave(run);
  }
}
