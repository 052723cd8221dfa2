/**
 * Group commit: everything decided in one turn of the event loop, for all orchestrations, is one transaction. While it
 * is under way the next group is collected, so that groups grow with the load.
 */
import { OrraError, sleep, toError, type Clock, type Logger } from '@orra-ts/common';
import { engineError } from '../errors';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { isOpen } from '../domain/orchestration/decide';
import type { OrchestrationState } from '../domain/orchestration/state';
import type { Append, Journal } from '../journal/journal';
import { changedFailures } from './failure-records';
import { lateKeysOf } from './late-keys';
import type { LiveOrchestration, PendingBatch } from './live-orchestration';
import { summaryOf } from './summary';

/** Back-off between attempts to write a group: a full or busy disk may recover, a broken one does not. */
const RETRY_WAITS_MS = [50, 200, 1_000, 3_000];
const SHARD = 0;

export interface CommitterOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long late results are accepted. */
  readonly lateResultMs: number;
}

export interface CommitListener {
  /** Called when the events are durable, in the order in which they were decided. */
  committed(orchestration: LiveOrchestration, events: readonly OrchestrationEvent[]): void;
  /** The journal cannot be written: nothing may be acknowledged or sent any more. */
  failed(error: OrraError): void;
}

export class Committer {
  private dirty = new Set<LiveOrchestration>();
  private scheduled = false;
  private running: Promise<void> | undefined;
  private failure: OrraError | undefined;
  private listener: CommitListener | undefined;

  constructor(private readonly options: CommitterOptions) {}

  /** Sets the one listener, before anything is decided: what acts on commits is built from what decides. */
  listen(listener: CommitListener): void {
    this.listener = listener;
  }

  /** Adds events to the next group. Resolves when they are durable. */
  add(orchestration: LiveOrchestration, events: readonly OrchestrationEvent[]): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    const { committed } = orchestration.add(events);
    this.dirty.add(orchestration);
    this.schedule();
    return committed;
  }

  /** Resolves when everything added so far is durable, or has failed. */
  async drain(): Promise<void> {
    while (this.scheduled || this.running) await (this.running ?? new Promise(setImmediate));
  }

  private schedule(): void {
    if (this.scheduled || this.running) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.running = this.flush().finally(() => {
        this.running = undefined;
        if (this.dirty.size > 0) this.schedule();
      });
    });
  }

  private async flush(): Promise<void> {
    const group: { orchestration: LiveOrchestration; batch: PendingBatch; append: Append }[] = [];
    for (const orchestration of this.dirty) {
      const { pending: batch, state, stored } = orchestration;
      if (!batch) continue;
      orchestration.pending = undefined;
      group.push({
        orchestration,
        batch,
        append: {
          shard: SHARD,
          epoch: this.options.journal.epoch,
          orchestrationId: state.id,
          projectId: state.projectId,
          expectedSequence: stored,
          events: batch.events,
          summary: summaryOf(state),
          open: isOpen(state),
          failures: changedFailures(state, batch.events),
          ...lateKeys(state, this.options.lateResultMs),
        },
      });
    }
    this.dirty = new Set();
    try {
      const outcomes = await this.write(group.map(({ append }) => append));
      const refused = outcomes.find(({ kind }) => kind !== 'committed');
      if (refused) throw lostOwnership(refused.kind);
    } catch (error) {
      this.fail(error, group);
      return;
    }
    for (const { orchestration, batch } of group) {
      orchestration.stored += batch.events.length;
      if (orchestration.lastCommit === batch.committed) orchestration.lastCommit = undefined;
    }
    for (const { orchestration, batch } of group) {
      batch.resolve();
      this.listener?.committed(orchestration, batch.events);
    }
  }

  private async write(appends: readonly Append[]): ReturnType<Journal['append']> {
    for (const waitMs of RETRY_WAITS_MS) {
      try {
        return await this.options.journal.append(appends);
      } catch (error) {
        this.options.logger.error('the journal could not be written, trying again', {
          error: toError(error).message,
          waitMs,
        });
        await sleep(this.options.clock, waitMs);
      }
    }
    return this.options.journal.append(appends);
  }

  private fail(error: unknown, group: readonly { batch: PendingBatch }[]): void {
    this.failure =
      error instanceof OrraError
        ? error
        : engineError('ORRA_JOURNAL_WRITE_FAILED', `the journal could not be written: ${toError(error).message}`, {
            cause: error,
          });
    for (const { batch } of group) batch.reject(this.failure);
    for (const { pending } of this.dirty) pending?.reject(this.failure);
    this.dirty = new Set();
    this.listener?.failed(this.failure);
  }
}

const lostOwnership = (kind: string): OrraError =>
  engineError(
    'ORRA_JOURNAL_OWNER_CHANGED',
    `another engine writes to this journal (${kind}), so this one stops; give each engine its own storage folder (option \`storage\`, environment variable STORAGE_PATH)`,
  );

function lateKeys(state: OrchestrationState, lateResultMs: number): Pick<Append, 'keys'> {
  const keys = lateKeysOf(state, lateResultMs);
  return keys.length === 0 ? {} : { keys };
}
