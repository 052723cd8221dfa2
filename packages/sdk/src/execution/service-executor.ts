/**
 * One service's work: request -> running? known? -> queue -> task or revert runner -> journal -> outbox. Whatever
 * arrives, on whichever link, a key's handler runs at most once at a time (X1), and what it came to is in the journal
 * before it is sent (X2).
 *
 * Here and in `TaskRunner` results that may be promises are handled without `callMaybeAsync`: its closures cost about 5 %
 * of the CPU time of a task.
 */
import { Latch, LimitedQueue, describeThrown, isPromiseLike, sleep } from '@orra-ts/common';
import { UPDATE_SETTLE_MS, type CompensationRequest, type TaskRequest } from '@orra-ts/protocol';
import type { JournalRecord, Outcome, ServiceJournal } from '../journal/execution-journal';
import { refusedAsTooLarge } from './outcome';
import { RevertRunner } from './revert-runner';
import type { ExecutorContext, Run, Settle } from './run';
import { TaskRunner } from './task-runner';

export class ServiceExecutor {
  private readonly running = new Map<string, Run>();
  private readonly tasks: LimitedQueue<Run>;
  private readonly reverts: LimitedQueue<Run>;
  private accepting = true;
  private readonly idle = new Latch();

  constructor(private readonly context: ExecutorContext) {
    const { concurrency } = context.definition;
    const settle: Settle = (run, outcome) => this.settle(run, outcome);
    const taskRunner = new TaskRunner(context, settle);
    const revertRunner = new RevertRunner(context, settle);
    this.tasks = new LimitedQueue(concurrency, (run) => this.begin(run, taskRunner));
    // Apart from the tasks: a revert that waits behind a queue of tasks uses up its attempts.
    this.reverts = new LimitedQueue(concurrency, (run) => this.begin(run, revertRunner));
  }

  get runningCount(): number {
    return this.running.size;
  }

  receive(request: TaskRequest | CompensationRequest): void {
    const { idempotencyKey: key } = request;
    if (this.running.has(key)) return this.reportInProgress(request);
    if (!this.accepting) return;
    const run: Run = {
      request,
      attempt: 0,
      interrupted: false,
      task: undefined,
      updates: undefined,
    };
    this.running.set(key, run);
    const { journal } = this.context;
    let record: ReturnType<ServiceJournal['find']>;
    try {
      record = journal.find(key);
    } catch (error) {
      return this.lookUpFailed(run, error);
    }
    if (!isPromiseLike(record)) return this.admit(run, record);
    record.then(
      (found) => this.admit(run, found),
      (error: unknown) => this.lookUpFailed(run, error),
    );
  }

  /** X6, after the fact: outcomes that the engine does not take become failures that say so. */
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
      // Sent even if it cannot be stored: the engine would wait for what it will never take.
      void Promise.resolve(journal.settle(key, outcome)).then(send, send);
    }
  }

  /** L3: no further requests. Those which wait for their turn still get it, unless `stop` comes first. */
  refuseNew(): void {
    this.accepting = false;
  }

  /** L3, at the end of the grace: signals fire; what has not started is left to the engine, which sends it again. */
  stop(reason: Error): void {
    this.accepting = false;
    for (const run of [...this.tasks.clear(), ...this.reverts.clear()]) this.leave(run);
    for (const run of this.running.values()) run.task?.cut(reason);
  }

  /** Resolves when nothing runs. */
  whenIdle(): Promise<void> {
    if (this.running.size === 0) return Promise.resolve();
    return this.idle.wait();
  }

  private admit(run: Run, record: JournalRecord | undefined): void {
    const { request } = run;
    const { idempotencyKey: key } = request;
    const outcome = record?.outcome;
    if (outcome && (outcome.final || outcome.executionId === request.executionId)) {
      this.leave(run);
      this.context.outbox.repeatOutcome(key, outcome, request.executionId);
      return;
    }
    if (record) {
      if (outcome && !record.acknowledged) this.context.outbox.forgetOutcome(key);
      run.interrupted = outcome === undefined;
    }
    run.attempt = request.attempt ?? (record?.attempts ?? 0) + 1;
    this.queueOf(run).admit(run);
  }

  private begin(run: Run, runner: { run(run: Run): void }): void {
    const failed = (error: unknown): void => {
      // Without this record a crash would go unnoticed; that is not a reason to refuse the work.
      this.journalFailed(run, error);
      runner.run(run);
    };
    let begun: void | Promise<void>;
    try {
      begun = this.context.journal.begin(run.request.idempotencyKey, run.attempt);
    } catch (error) {
      return failed(error);
    }
    if (!isPromiseLike(begun)) return runner.run(run);
    begun.then(() => runner.run(run), failed);
  }

  private settle(run: Run, outcome: Outcome | undefined): void {
    if (!outcome) return this.finish(run);
    const { journal } = this.context;
    const failed = (error: unknown): void => {
      // Reported all the same: otherwise neither the journal nor the engine would know the outcome.
      this.journalFailed(run, error);
      this.report(run, outcome);
    };
    let settled: void | Promise<void>;
    try {
      settled = journal.settle(run.request.idempotencyKey, outcome);
    } catch (error) {
      return failed(error);
    }
    if (!isPromiseLike(settled)) return this.report(run, outcome);
    settled.then(() => this.report(run, outcome), failed);
  }

  /** X5: behind its updates. The key counts as running until then, so that a duplicate cannot overtake them either. */
  private report(run: Run, outcome: Outcome): void {
    const { updates } = run;
    if (!updates) return this.deliver(run, outcome);
    const arrived = updates.whenAtMost(0);
    const { clock } = this.context;
    const settled = this.context.capabilities().orderedUpdates
      ? arrived
      : arrived.then(() => sleep(clock, UPDATE_SETTLE_MS));
    void settled.then(() => {
      updates.closed = true;
      this.deliver(run, outcome);
    });
  }

  private deliver(run: Run, outcome: Outcome): void {
    const { idempotencyKey, executionId } = run.request;
    this.context.outbox.sendOutcome(idempotencyKey, outcome, executionId);
    this.finish(run);
  }

  private finish(run: Run): void {
    this.queueOf(run).release();
    this.leave(run);
  }

  private leave(run: Run): void {
    this.running.delete(run.request.idempotencyKey);
    if (this.running.size === 0) this.idle.release();
  }

  private queueOf({ request }: Run): LimitedQueue<Run> {
    return request.type === 'task_request' ? this.tasks : this.reverts;
  }

  private reportInProgress({ id, executionId, idempotencyKey }: TaskRequest | CompensationRequest): void {
    this.context.outbox.sendStatus({
      type: 'task_status',
      taskId: id,
      executionId,
      key: idempotencyKey,
      body: '"status":"in_progress"',
    });
  }

  /** Running it anyway could run it twice: the engine will ask again. */
  private lookUpFailed(run: Run, error: unknown): void {
    this.journalFailed(run, error);
    this.leave(run);
  }

  private journalFailed({ request }: Run, error: unknown): void {
    this.context.logger.error('the journal failed', {
      service: this.context.definition.name,
      taskId: request.id,
      idempotencyKey: request.idempotencyKey,
      error: describeThrown(error),
    });
  }
}
