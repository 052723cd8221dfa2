/**
 * The journal on SQLite.
 *
 * An append goes to the log: the whole group becomes one row. When it closes an orchestration, all events of that are
 * archived as one row of their own in the same transaction; so a busy engine writes two rows for an orchestration however
 * many appends it took. Log rows that no open orchestration needs are pruned. One that stays open for long would keep all
 * that came after it in the log: once the log is over its limit, those that its oldest rows are needed for are archived as
 * far as they have come. So the log, what of it is kept in memory, and the time of a start have a bound (E8).
 *
 * Memory changes only after a commit: after a failed one everything is as it was (E3).
 */
import { describeThrown, OrraError } from '@orra-ts/common';
import type { OrchestrationId, ProjectId } from '@orra-ts/protocol';
import type { SqlDatabase, SqlStatement } from '../storage/sql-driver';
import { Archive } from './archive';
import type {
  Append,
  AppendOutcome,
  Journal,
  ListedOrchestration,
  OrchestrationSummary,
  StoredOrchestration,
} from './journal';
import { newestFirst } from './listing';
import { decodeEvents, encodeBatch, encodeEvents, encodeMember, joinEvents, progressOf } from './log-format';
import { OpenOrchestration, type LogBatch } from './open-orchestration';
import { recover } from './recovery';

export interface SqliteJournalOptions {
  /** Length of the log, in characters, above which open orchestrations are archived to shorten it. @default 16 Mi */
  readonly logLimit?: number;
}

/** Of `list`. */
export const DEFAULT_LIST_LIMIT = 1000;
const DEFAULT_LOG_LIMIT = 16 * 1024 * 1024;
/** The only shard of an embedded store. */
const SHARD = 0;
/** Log rows are pruned in packs, because each delete has a price: a pack is so many rows, or so many characters. */
const PRUNE_ROWS = 64;
const PRUNE_SIZE = 1024 * 1024;
/** Least amount of text that one append archives to shorten the log; twice its own length if that is more. */
const SHORTEN_SIZE = 256 * 1024;

/** One append, or several of one orchestration in the same group. */
interface Staged {
  readonly orchestration: OpenOrchestration;
  readonly wasOpen: boolean;
  count: number;
  events: string;
  summary: OrchestrationSummary;
  open: boolean;
}

export class SqliteJournal implements Journal {
  readonly epoch: number;
  private readonly archive: Archive;
  private readonly insertBatch: SqlStatement;
  private readonly pruneBatches: SqlStatement;
  private readonly readEpoch: SqlStatement;
  private readonly openOnes: Map<string, OpenOrchestration>;
  /** Oldest first. */
  private readonly log: LogBatch[];
  private logSize: number;
  private lastNumber: number;
  private lastBatchId: number;
  private readonly logLimit: number;
  private closed = false;

  /**
   * Reads what was open; counts as a start of the engine. The database stays its owner's to close.
   *
   * @throws OrraError `ORRA_STORAGE_DAMAGED`
   */
  constructor(
    private readonly database: SqlDatabase,
    options: SqliteJournalOptions = {},
  ) {
    this.logLimit = options.logLimit ?? DEFAULT_LOG_LIMIT;
    this.archive = new Archive(database);
    this.insertBatch = database.prepare('INSERT INTO batches (id, members) VALUES (?, ?)');
    this.pruneBatches = database.prepare('DELETE FROM batches WHERE id <= ?');
    this.readEpoch = database.prepare(`SELECT value FROM meta WHERE name = 'epoch'`);
    const { open, log, lastNumber } = recover(database, this.archive);
    this.openOnes = open;
    this.log = log;
    this.logSize = log.reduce((sum, batch) => sum + batch.size, 0);
    this.lastNumber = lastNumber;
    this.lastBatchId = log.at(-1)?.id ?? 0;
    this.epoch = database.transaction(() => {
      database.exec(
        `INSERT INTO meta (name, value) VALUES ('epoch', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`,
      );
      return this.storedEpoch();
    });
  }

  append(appends: readonly Append[]): Promise<readonly AppendOutcome[]> {
    const empty = appends.find(({ events }) => events.length === 0);
    if (empty) return Promise.reject(new TypeError(`There is no event to append to ${empty.orchestrationId}.`));
    try {
      return Promise.resolve(this.commit(appends));
    } catch (cause) {
      return Promise.reject(
        new OrraError(
          'ORRA_JOURNAL_WRITE_FAILED',
          `The journal could not be written, nothing of it was stored: ${describeThrown(cause)}. Check that the disk of ` +
            `the storage folder (option \`storage\`, environment variable STORAGE_PATH) has room and works.`,
          { details: { appends: appends.length }, cause, retryable: true },
        ),
      );
    }
  }

  async *open(): AsyncGenerator<StoredOrchestration> {
    const inOrder = [...this.openOnes.values()].sort((a, b) => a.number - b.number);
    for (const orchestration of inOrder) {
      // It may have been closed while the ones before it were handled.
      if (this.openOnes.get(orchestration.id) === orchestration)
        yield await Promise.resolve(this.stored(orchestration));
    }
  }

  async load(id: OrchestrationId): Promise<StoredOrchestration | undefined> {
    this.assertOpened();
    const orchestration = this.openOnes.get(id) ?? this.findArchived(id);
    return Promise.resolve(orchestration && this.stored(orchestration));
  }

  async list(projectId: ProjectId, options: { readonly limit?: number } = {}): Promise<readonly ListedOrchestration[]> {
    this.assertOpened();
    const limit = options.limit ?? DEFAULT_LIST_LIMIT;
    return Promise.resolve(
      newestFirst(projectId, limit, this.openOnes.values(), this.archive.closed(projectId, limit)),
    );
  }

  close(): Promise<void> {
    this.closed = true;
    this.openOnes.clear();
    this.log.length = 0;
    return Promise.resolve();
  }

  private commit(appends: readonly Append[]): readonly AppendOutcome[] {
    this.assertOpened();
    const group = new Group(this.openOnes, (id) => this.findArchived(id), this.lastNumber);
    const prunable = this.prunable();
    let toArchive: Staged[] = [];
    let text = '';
    const outcomes = this.database.transaction(() => {
      const epoch = this.storedEpoch();
      const decided = appends.map((append) =>
        append.shard !== SHARD || append.epoch !== epoch || epoch !== this.epoch ? FENCED : group.add(append),
      );
      if (group.staged.size === 0) return decided;
      text = encodeBatch(group.members);
      this.insertBatch.run(this.lastBatchId + 1, text);
      toArchive = this.chooseToArchive(group.staged, prunable, text.length);
      for (const staged of toArchive) this.writeArchive(staged);
      for (const { orchestration, wasOpen, open } of group.staged.values()) {
        if (open && !wasOpen && orchestration.hasRow) this.archive.reopen(orchestration.number);
      }
      if (prunable) this.pruneBatches.run(prunable.lastId);
      return decided;
    });
    if (group.staged.size > 0) this.committed(group, toArchive, text.length, prunable?.rows ?? 0);
    return outcomes;
  }

  /** What was committed becomes what memory holds. */
  private committed(group: Group, archived: readonly Staged[], size: number, prunedRows: number): void {
    const batch: LogBatch = { id: ++this.lastBatchId, size, needed: new Set() };
    this.lastNumber = group.lastNumber;
    for (const { orchestration, count, events, summary, open } of group.staged.values()) {
      orchestration.extend(batch, count, events, summary);
      if (open) this.openOnes.set(orchestration.id, orchestration);
      else this.openOnes.delete(orchestration.id);
    }
    for (const { orchestration } of archived) orchestration.settle();
    for (const pruned of this.log.splice(0, prunedRows)) this.logSize -= pruned.size;
    this.log.push(batch);
    this.logSize += size;
  }

  /** Those that close, and if the log is too long those open ones that its oldest rows are kept for. */
  private chooseToArchive(
    staged: ReadonlyMap<string, Staged>,
    prunable: Prunable | undefined,
    addedSize: number,
  ): Staged[] {
    const chosen = new Set<Staged>();
    for (const one of staged.values()) if (!one.open) chosen.add(one);
    let size = this.logSize + addedSize - (prunable?.size ?? 0);
    let work = Math.max(SHORTEN_SIZE, 2 * addedSize);
    for (let row = prunable?.rows ?? 0; size > this.logLimit && work > 0 && row < this.log.length; row += 1) {
      const batch = this.log[row] as LogBatch;
      for (const orchestration of batch.needed) {
        chosen.add(staged.get(orchestration.id) ?? unchanged(orchestration));
        work -= orchestration.tail.length;
      }
      size -= batch.size;
    }
    return [...chosen];
  }

  private writeArchive({ orchestration, count, events, summary, open }: Staged): void {
    const sequence = orchestration.sequence + count;
    this.archive.write({ orchestration, sequence, tail: joinEvents(orchestration.tail, events), summary, open });
  }

  /** The oldest rows that nobody needs, if they are enough to be worth a delete. */
  private prunable(): Prunable | undefined {
    let rows = 0;
    let size = 0;
    for (let batch = this.log[0]; batch && batch.needed.size === 0; batch = this.log[rows]) {
      rows += 1;
      size += batch.size;
    }
    const newest = this.log[rows - 1];
    if (!newest || (rows < PRUNE_ROWS && size < Math.min(PRUNE_SIZE, this.logLimit))) return undefined;
    return { rows, size, lastId: newest.id };
  }

  private findArchived(id: string): OpenOrchestration | undefined {
    // An id from a request may hold anything; one with a NUL character was never stored.
    return id.includes('\0') ? undefined : this.archive.find(id)?.orchestration;
  }

  private stored(orchestration: OpenOrchestration): StoredOrchestration {
    const { id, projectId, number, archived, tail } = orchestration;
    const before = archived > 0 ? this.archive.events(number) : '';
    return { id, projectId, events: decodeEvents(joinEvents(before, tail)) };
  }

  private storedEpoch(): number {
    return Number(this.readEpoch.get()?.value);
  }

  private assertOpened(): void {
    if (this.closed)
      throw new OrraError('ORRA_STORAGE_CLOSED', 'The journal is closed; open the engine again to use it.');
  }
}

interface Prunable {
  readonly rows: number;
  readonly size: number;
  readonly lastId: number;
}

const FENCED: AppendOutcome = { kind: 'fenced' };
const COMMITTED: AppendOutcome = { kind: 'committed' };

const unchanged = (orchestration: OpenOrchestration): Staged => ({
  orchestration,
  wasOpen: true,
  count: 0,
  events: '',
  summary: orchestration.summary,
  open: true,
});

/** The appends of one transaction, before anything of them is true. */
class Group {
  readonly staged = new Map<string, Staged>();
  readonly members: string[] = [];

  constructor(
    private readonly openOnes: ReadonlyMap<string, OpenOrchestration>,
    private readonly findArchived: (id: string) => OpenOrchestration | undefined,
    public lastNumber: number,
  ) {}

  add(append: Append): AppendOutcome {
    const { orchestrationId: id, events, summary, open } = append;
    const staged = this.staged.get(id);
    const known = staged?.orchestration ?? this.openOnes.get(id) ?? this.findArchived(id);
    const sequence = (known?.sequence ?? 0) + (staged?.count ?? 0);
    if (append.expectedSequence !== sequence) return { kind: 'conflict', sequence };
    const orchestration = known ?? new OpenOrchestration(++this.lastNumber, id, append.projectId);
    const text = encodeEvents(events);
    if (staged) {
      staged.count += events.length;
      staged.events = joinEvents(staged.events, text);
      staged.summary = summary;
      staged.open = open;
    } else {
      const wasOpen = this.openOnes.has(id);
      this.staged.set(id, { orchestration, wasOpen, count: events.length, events: text, summary, open });
    }
    this.members.push(
      encodeMember({
        number: orchestration.number,
        id,
        from: sequence,
        count: events.length,
        progress: progressOf(summary),
        ...(sequence === 0 && {
          identity: { projectId: append.projectId, action: summary.action, submittedAt: summary.submittedAt },
        }),
        events: text,
      }),
    );
    return COMMITTED;
  }
}
