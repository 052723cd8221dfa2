/**
 * The work of one service: request -> running? known? -> queue -> task or revert runner -> journal -> outbox. The
 * handler of a key runs at most once at a time, regardless of which requests arrive on which connection (X1), and its
 * outcome is in the journal before it is sent (X2).
 *
 * Here and in `TaskRunner` results that may be promises are handled without `callMaybeAsync`: its closures cost about
 * 5 % of the CPU time of a task.
 */
import { Latch, LimitedQueue, adopt, describeThrown, sleep } from '@orra-ts/common';
import {
  UPDATE_SETTLE_MS,
  type CompensationRequest,
  type TaskCancel,
  type TaskRequest,
  type TaskRunStatus,
} from '@orra-ts/protocol';
import type { FenceStatus, JournalRecord, Outcome, ServiceJournal } from '../journal/execution-journal';
import { hasUnknownEffect, refusedAsTooLarge, repeatedInDoubt } from './outcome';
import type { UpdateTracker } from '../outbox/update-tracker';
import { RevertRunner } from './revert-runner';
import { OverdueWatch, graceMsOf, type OverdueRun } from './overdue';
import type { ExecutorContext, Run, Runner, Settle } from './run';
import { TaskFence, statusOf } from './task-fence';
import { TaskRunner } from './task-runner';

export class ServiceExecutor {
  private readonly running = new Map<string, Run>();
  private readonly tasks: LimitedQueue<Run>;
  private readonly reverts: LimitedQueue<Run>;
  private readonly fence: TaskFence;
  private accepting = true;
  private readonly idle = new Latch();
  private readonly overdueWatch: OverdueWatch;
  private overdueCount = 0;

  constructor(private readonly context: ExecutorContext) {
    const { concurrency } = context.definition;
    const settle: Settle = (run, outcome) => this.settle(run, outcome);
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

  /**
   * E10: the engine does not need this task any more. Responds with its stored outcome or with what is known of its
   * handler, and does not start the key again.
   */
  cancel(request: TaskCancel): void {
    const { idempotencyKey: key } = request;
    const run = this.running.get(key);
    if (!run) return void this.cancelIdle(request);
    if (run.request.type !== 'task_request') return;
    if (run.task) {
      run.task.cancel?.();
      void this.fenceKey(run, 'interrupted');
      this.reportStatus(request, 'in_progress');
    } else if (this.tasks.withdraw(run)) this.drop(run, () => this.leave(run));
    else run.cancelled = true;
  }

  /** E12: the connection that was just opened holds every key that runs or waits for its turn. */
  claim(): void {
    for (const { request, executionId } of this.running.values()) {
      this.reportStatus({ ...request, executionId }, 'in_progress');
    }
  }

  /** X6: replaces outcomes that the engine refused because of their size with failures. */
  replaceLargeOutcomes(limit: number): void {
    const { outbox, journal, definition, logger } = this.context;
    for (const { key, taskId, executionId, type, body } of outbox.takeLarge(limit)) {
      const outcome = refusedAsTooLarge(
        { type, taskId, executionId, body },
        definition.label,
        this.context.capabilities(),
      );
      logger.error('outcome replaced, the engine does not take its size', { taskId, idempotencyKey: key });
      const send = (): void => outbox.sendOutcome(key, outcome, executionId);
      // Sent even if it cannot be stored. Otherwise the engine would wait for an outcome that it refuses.
      void Promise.resolve(journal.settle(key, outcome)).then(send, send);
    }
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
        if (run.cancelled) void this.fenceKey(run, 'interrupted');
        const isDoubted = 'inDoubt' in request && request.inDoubt === true && outcome.executionId !== executionId;
        this.context.outbox.repeatOutcome(key, isDoubted ? repeatedInDoubt(outcome) : outcome, executionId);
        return this.leave(run);
      }
      if (fence) {
        this.reportStatus({ ...request, executionId }, fence);
        return this.leave(run);
      }
      if (outcome && !record.acknowledged) this.context.outbox.forgetOutcome(key);
      run.doubt = !outcome ? 'crashed' : hasUnknownEffect(outcome) ? 'failed' : undefined;
    }
    if (run.cancelled) return this.drop(run, () => this.leave(run));
    run.attempt = request.attempt ?? (record?.attempts ?? 0) + 1;
    if (request.type === 'task_request') this.tasks.admit(run);
    else this.fence.admit(run);
  }

  /** A duplicate: the outcome of the run belongs to the newest request. */
  private join(run: Run, request: TaskRequest | CompensationRequest): void {
    run.executionId = request.executionId;
    this.reportStatus(request, 'in_progress');
  }

  /** A cancelled task does not start. Its key counts as running until it is fenced. */
  private drop(run: Run, leave: () => void): void {
    const status = run.doubt ? 'interrupted' : 'not_started';
    const dropped = (): void => {
      this.reportStatus({ ...run.request, executionId: run.executionId }, status);
      leave();
    };
    const fenced = this.fenceKey(run, status);
    if (fenced) void fenced.then(dropped);
    else dropped();
  }

  /** Fences the key of a task. A failure of the journal is logged: the key is then not fenced after a restart. */
  private fenceKey(run: Run, status: FenceStatus): Promise<void> | undefined {
    const failed = (error: unknown): void => this.journalFailed(run, error);
    let fenced: void | Promise<void>;
    try {
      fenced = this.context.journal.fence(run.request.idempotencyKey, status);
    } catch (error) {
      failed(error);
      return undefined;
    }
    return adopt(fenced)?.then(undefined, failed);
  }

  /** A key that does not run in this process. */
  private async cancelIdle(request: TaskCancel): Promise<void> {
    const { idempotencyKey: key } = request;
    // A revert that runs has fenced the key, and an earlier `task_cancel` responds for this one.
    if (this.fence.isClosed(key)) return;
    try {
      const record = await this.fence.fence(key);
      const outcome = record?.outcome;
      if (outcome) this.context.outbox.repeatOutcome(key, outcome, request.executionId);
      else this.reportStatus(request, statusOf(record));
    } catch (error) {
      // The engine asks again.
      this.journalFailed({ request }, error);
    }
  }

  /** X7: the outcome of the task goes to the engine instead of a revert without it. */
  private supersede(run: Run, taskKey: string, { outcome }: JournalRecord): void {
    if (outcome) this.context.outbox.repeatOutcome(taskKey, outcome);
    const { request, executionId } = run;
    this.reportStatus({ ...request, executionId }, 'not_started');
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
      this.journalFailed(run, error);
      start();
    };
    const start = (): void => {
      if (!run.cancelled) runner.run(run);
      else this.drop(run, () => this.finish(run));
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

  private settle(run: Run, settled: Outcome | undefined): void {
    if (!settled) return this.finish(run);
    const { executionId } = run;
    const outcome = settled.executionId === executionId ? settled : { ...settled, executionId };
    const { journal } = this.context;
    const failed = (error: unknown): void => {
      // Sent anyway. Otherwise neither the journal nor the engine would know the outcome.
      this.journalFailed(run, error);
      this.report(run, outcome);
    };
    let stored: void | Promise<void>;
    try {
      stored = journal.settle(run.request.idempotencyKey, outcome);
    } catch (error) {
      return failed(error);
    }
    const pending = adopt(stored);
    if (!pending) return this.report(run, outcome);
    pending.then(() => this.report(run, outcome), failed);
  }

  /** X5: sends the outcome after its updates. The key counts as running until then, so that a duplicate waits too. */
  private report(run: Run, outcome: Outcome): void {
    const { updates } = run;
    run.dueAt = Infinity;
    if (!updates) return this.deliver(run, outcome);
    this.releaseSlot(run);
    const arrived = updates.whenAtMost(0);
    const { clock } = this.context;
    const settled = this.context.capabilities().orderedUpdates
      ? arrived
      : arrived.then(() => sleep(clock, UPDATE_SETTLE_MS));
    void settled.then(() => {
      updates.closed = true;
      this.warnOfDropped(run, updates);
      this.deliver(run, outcome);
    });
  }

  private warnOfDropped({ request }: Run, { dropped }: UpdateTracker): void {
    if (dropped === 0) return;
    this.context.logger.warn('updates dropped: too many were waiting to be sent', {
      taskId: request.id,
      idempotencyKey: request.idempotencyKey,
      dropped,
      fix: 'await each task.pushUpdate(...)',
    });
  }

  private deliver(run: Run, outcome: Outcome): void {
    this.context.outbox.sendOutcome(run.request.idempotencyKey, outcome, run.executionId);
    this.finish(run);
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

  private reportStatus(
    { id, executionId = '', idempotencyKey }: Pick<TaskCancel, 'id' | 'executionId' | 'idempotencyKey'>,
    status: TaskRunStatus,
  ): void {
    this.context.outbox.sendStatus({
      type: 'task_status',
      taskId: id,
      executionId,
      key: idempotencyKey,
      body: `"status":"${status}"`,
    });
  }

  /** Drops the request, because running it could run it twice. The engine sends it again. */
  private lookUpFailed(run: Run, error: unknown): void {
    this.journalFailed(run, error);
    this.leave(run);
  }

  private journalFailed({ request }: { readonly request: Run['request'] | TaskCancel }, error: unknown): void {
    this.context.logger.error('the journal failed', {
      service: this.context.definition.name,
      taskId: request.id,
      idempotencyKey: request.idempotencyKey,
      error: describeThrown(error),
    });
  }
}
