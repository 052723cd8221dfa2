/** An outcome on its way to the engine: journal (X2) -> updates of its task (X5) -> outbox. */
import { adopt, sleep } from '@orra-ts/common';
import { UPDATE_SETTLE_MS } from '@orra-ts/protocol';
import type { Outcome } from '../journal/execution-journal';
import type { UpdateTracker } from '../outbox/update-tracker';
import { refusedAsTooLarge } from './outcome';
import type { ExecutorContext, Run } from './run';
import { reportJournalFailure } from './run-reports';

export interface OutcomeDeliveryHost {
  /** The outcome waits for updates: the next run may start. */
  releaseSlot(run: Run): void;
  /** The outcome is in the outbox. */
  finish(run: Run): void;
}

export class OutcomeDelivery {
  constructor(
    private readonly context: ExecutorContext,
    private readonly host: OutcomeDeliveryHost,
  ) {}

  /** The outcome belongs to the newest request of its key. */
  deliver(run: Run, settled: Outcome): void {
    const { executionId } = run;
    const outcome = settled.executionId === executionId ? settled : { ...settled, executionId };
    const failed = (error: unknown): void => {
      // Sent anyway. Otherwise neither the journal nor the engine would know the outcome.
      reportJournalFailure(this.context, run.request, error);
      this.sendAfterUpdates(run, outcome);
    };
    let stored: void | Promise<void>;
    try {
      stored = this.context.journal.settle(run.request.idempotencyKey, outcome);
    } catch (error) {
      return failed(error);
    }
    const pending = adopt(stored);
    if (!pending) return this.sendAfterUpdates(run, outcome);
    pending.then(() => this.sendAfterUpdates(run, outcome), failed);
  }

  /** X6: replaces outcomes that the engine refused because of their size with failures. */
  replaceLarge(limit: number): void {
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

  /** X5: sends the outcome after its updates. The key counts as running until then, so that a duplicate waits too. */
  private sendAfterUpdates(run: Run, outcome: Outcome): void {
    const { updates } = run;
    run.dueAt = Infinity;
    if (!updates) return this.send(run, outcome);
    this.host.releaseSlot(run);
    const arrived = updates.whenAtMost(0);
    const { clock } = this.context;
    const settled = this.context.capabilities().orderedUpdates
      ? arrived
      : arrived.then(() => sleep(clock, UPDATE_SETTLE_MS));
    void settled.then(() => {
      updates.closed = true;
      this.warnOfDropped(run, updates);
      this.send(run, outcome);
    });
  }

  private send(run: Run, outcome: Outcome): void {
    this.context.outbox.sendOutcome(run.request.idempotencyKey, outcome, run.executionId);
    this.host.finish(run);
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
}
