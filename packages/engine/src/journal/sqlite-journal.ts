/**
 * The journal on SQLite.
 *
 * An append writes only to the log: the whole group becomes one row, or a few long ones. Log rows are never changed or
 * moved, so every event is written once. A row in `orchestrations`, which lists and look-ups use, is written when an
 * orchestration is closed and lists the log rows that contain its events. Until then only memory knows them, and a start
 * finds them by reading the end of the log. An orchestration that stays open for long would make a start read everything
 * after it. So once more than `replayLimit` of the log is unsettled, the orchestrations that need its oldest rows get
 * their own row early. This bounds both memory and the duration of a start (E8).
 *
 * An orchestration with very many appends would be spread over as many rows. When it has `MERGE_ROWS` of them, their
 * events are written once more, into one row of its own.
 *
 * Memory changes only after a commit: after a failed one everything is as before (E3).
 */
import { OrraError } from '@orra-ts/common';
import type { OrchestrationId, ProjectId } from '@orra-ts/protocol';
import { excerpt } from '../domain/excerpt';
import { unknownEventType } from '../domain/orchestration/event-types';
import type { SqlDatabase, SqlStatement } from '../storage/sql-driver';
import { journalClosed, unreadableHistory, writeFailed } from './errors';
import { positionBehind, readCommitted } from './committed';
import { FailureTable } from './failure-table';
import { Group, unchanged, type Staged } from './group';
import type {
  CommittedPart,
  FailureFilter,
  FoundKey,
  HistoryPart,
  Append,
  AppendOutcome,
  Journal,
  ListedOrchestration,
  StoredFailure,
  StoredOrchestration,
} from './journal';
import { KeyTable } from './key-table';
import { newestFirst } from './listing';
import { decodeEvents, encodeMember, progressOf, type LogMember } from './log-format';
import { LogTable } from './log-table';
import type { OpenLogEntry, UnsettledRow } from './open-log-entry';
import { OrchestrationTable } from './orchestration-table';
import { recover } from './recovery';

export interface SqliteJournalOptions {
  /** Maximum characters of the log that a start has to read. @default 16 Mi, about a tenth of a second */
  readonly replayLimit?: number;
}

/** Maximum orchestrations in `list`. */
const DEFAULT_LIST_LIMIT = 1000;
const DEFAULT_REPLAY_LIMIT = 16 * 1024 * 1024;
/** The only shard of an embedded store. */
const SHARD = 0;
/** The settled position is written after this many rows, or this many characters. */
const SETTLE_ROWS = 64;
const SETTLE_SIZE = 1024 * 1024;
/** Maximum orchestrations that one append settles early, beside those it closes: this takes a few milliseconds. */
const SETTLE_EARLY = 256;
const MERGE_ROWS = 32;
/** Length of its own events from which reading them one by one is worth the cost. */
const MERGE_SIZE = 1024 * 1024;

const FENCED: AppendOutcome = { kind: 'fenced' };

export class SqliteJournal implements Journal {
  readonly epoch: number;
  private readonly log: LogTable;
  private readonly table: OrchestrationTable;
  private readonly failureTable: FailureTable;
  private readonly keyTable: KeyTable;
  private readonly readEpoch: SqlStatement;
  private readonly openOnes: Map<string, OpenLogEntry>;
  /** Rows of the log that a start has to read, oldest first. */
  private readonly unsettled: UnsettledRow[];
  private unsettledSize: number;
  private lastNumber: number;
  private lastRowId: number;
  private readonly replayLimit: number;
  private closed = false;

  /**
   * Finds the open orchestrations; counts as a start of the engine. The owner of the database closes it.
   *
   * @throws OrraError `ORRA_STORAGE_DAMAGED`
   */
  constructor(
    private readonly database: SqlDatabase,
    options: SqliteJournalOptions = {},
  ) {
    this.replayLimit = options.replayLimit ?? DEFAULT_REPLAY_LIMIT;
    this.log = new LogTable(database);
    this.table = new OrchestrationTable(database);
    this.failureTable = new FailureTable(database);
    this.keyTable = new KeyTable(database);
    this.readEpoch = database.prepare(`SELECT value FROM meta WHERE name = 'epoch'`);
    const { open, unsettled, lastNumber } = recover(this.log, this.table);
    this.openOnes = open;
    this.unsettled = unsettled;
    this.unsettledSize = unsettled.reduce((sum, row) => sum + row.size, 0);
    this.lastNumber = lastNumber;
    this.lastRowId = this.log.lastId();
    this.epoch = database.transaction(() => {
      database.exec(`UPDATE meta SET value = value + 1 WHERE name = 'epoch'`);
      return this.storedEpoch();
    });
  }

  append(appends: readonly Append[]): Promise<readonly AppendOutcome[]> {
    const empty = appends.find(({ events }) => events.length === 0);
    if (empty) return Promise.reject(new TypeError(`There is no event to append to ${empty.orchestrationId}.`));
    try {
      return Promise.resolve(this.commit(appends));
    } catch (cause) {
      // A row that was read while it was written may have been rolled back.
      this.log.forgetRows();
      return Promise.reject(writeFailed(cause));
    }
  }

  async *open(onUnreadable?: (id: OrchestrationId, error: OrraError) => void): AsyncGenerator<StoredOrchestration> {
    const inOrder = [...this.openOnes.values()].sort((a, b) => a.number - b.number);
    for (const orchestration of inOrder) {
      // It may have been closed while earlier ones were handled.
      if (this.openOnes.get(orchestration.id) !== orchestration) continue;
      const stored = this.readable(orchestration, onUnreadable);
      if (stored) yield await Promise.resolve(stored);
    }
  }

  async load(id: OrchestrationId): Promise<StoredOrchestration | undefined> {
    this.assertOpened();
    const orchestration = this.openOnes.get(id) ?? this.findClosed(id);
    return Promise.resolve(orchestration && this.stored(orchestration));
  }

  part(id: OrchestrationId, from: number, limit: number): Promise<HistoryPart | undefined> {
    this.assertOpened();
    const orchestration = this.openOnes.get(id) ?? this.findClosed(id);
    if (!orchestration) return Promise.resolve(undefined);
    const { projectId, sequence, rows } = orchestration;
    return Promise.resolve({ projectId, sequence, events: this.log.part(id, rows, from, limit) });
  }

  committedAfter(projectId: ProjectId, position: string, limit: number): Promise<CommittedPart> {
    this.assertOpened();
    const projectOf = (member: LogMember): ProjectId | undefined =>
      (member.identity?.projectId ?? (this.openOnes.get(member.id) ?? this.findClosed(member.id))?.projectId) as
        ProjectId | undefined;
    return Promise.resolve(
      readCommitted(this.log, this.lastRowId, position, limit, (member) => projectOf(member) === projectId),
    );
  }

  position(): string {
    return positionBehind(this.lastRowId);
  }

  async list(projectId: ProjectId, options: { readonly limit?: number } = {}): Promise<readonly ListedOrchestration[]> {
    this.assertOpened();
    const limit = options.limit ?? DEFAULT_LIST_LIMIT;
    return Promise.resolve(newestFirst(projectId, limit, this.openOnes.values(), this.table.closed(projectId, limit)));
  }

  failures(projectId: ProjectId, filter: FailureFilter = {}): Promise<readonly StoredFailure[]> {
    this.assertOpened();
    return Promise.resolve(this.failureTable.newest(projectId, filter.limit ?? DEFAULT_LIST_LIMIT, filter));
  }

  failure(id: string): Promise<StoredFailure | undefined> {
    this.assertOpened();
    return Promise.resolve(this.failureTable.find(id));
  }

  findKey(serviceId: string, key: string): Promise<FoundKey | undefined> {
    this.assertOpened();
    return Promise.resolve(this.keyTable.find(serviceId, key));
  }

  forgetKeysBefore(time: number): Promise<number> {
    this.assertOpened();
    return Promise.resolve(this.database.transaction(() => this.keyTable.forgetBefore(time)));
  }

  close(): Promise<void> {
    this.closed = true;
    this.openOnes.clear();
    this.unsettled.length = 0;
    return Promise.resolve();
  }

  private commit(appends: readonly Append[]): readonly AppendOutcome[] {
    this.assertOpened();
    const group = new Group(
      (id) => this.openOnes.get(id),
      (id) => this.findClosed(id),
      this.lastNumber,
      this.lastRowId,
    );
    let texts: string[] = [];
    let settled: Iterable<Staged> = [];
    const done = this.settledRows();
    const outcomes = this.database.transaction(() => {
      const isOwner = this.storedEpoch() === this.epoch;
      const decided = appends.map((append) =>
        isOwner && append.shard === SHARD && append.epoch === this.epoch ? group.add(append) : FENCED,
      );
      if (group.staged.size === 0) return decided;
      texts = group.texts();
      texts.forEach((text, index) => this.log.insert(this.lastRowId + 1 + index, text));
      this.mergeRows(group, texts);
      settled = this.settle(group, texts);
      if (done) this.log.settle(done.lastId);
      appends.forEach(({ orchestrationId, failures = [], keys = [] }, index) => {
        if (decided[index]?.kind !== 'committed') return;
        for (const failure of failures) this.failureTable.put(failure);
        for (const key of keys) this.keyTable.put(orchestrationId, key);
      });
      return decided;
    });
    if (group.staged.size > 0) this.committed(group, texts, settled, done?.rows ?? 0);
    return outcomes;
  }

  /** Takes the committed group over into memory. */
  private committed(group: Group, texts: readonly string[], settled: Iterable<Staged>, settledRows: number): void {
    for (const row of this.unsettled.splice(0, settledRows)) this.unsettledSize -= row.size;
    const firstRowId = this.lastRowId + 1;
    const rows: UnsettledRow[] = texts.map(({ length }, index) => ({
      id: firstRowId + index,
      size: length,
      needed: new Set(),
    }));
    for (const row of rows) {
      this.unsettled.push(row);
      this.unsettledSize += row.size;
    }
    this.lastRowId += rows.length;
    this.lastNumber = group.lastNumber;
    for (const { orchestration, open, newRows, ...staged } of group.staged.values()) {
      orchestration.sequence = staged.sequence;
      orchestration.summary = staged.summary;
      orchestration.olderRows = staged.olderRows;
      orchestration.olderSequence = staged.olderSequence;
      orchestration.recentRows = staged.recentRows;
      orchestration.recentSize = staged.recentSize;
      for (const id of newRows) orchestration.needs(rows[id - firstRowId] as UnsettledRow);
      if (open) this.openOnes.set(orchestration.id, orchestration);
      else this.openOnes.delete(orchestration.id);
    }
    for (const { orchestration } of settled) orchestration.settle();
  }

  /** Merges events that are spread over many rows into one more row. */
  private mergeRows(group: Group, texts: string[]): void {
    for (const staged of group.staged.values()) {
      if (staged.recentRows.length < MERGE_ROWS) continue;
      let rows = staged.recentRows;
      if (staged.recentSize < MERGE_SIZE) {
        const text = this.merged(staged);
        texts.push(text);
        rows = [this.lastRowId + texts.length];
        this.log.insert(this.lastRowId + texts.length, text);
      }
      staged.olderRows = [...staged.olderRows, ...rows];
      staged.olderSequence = staged.sequence;
      staged.recentRows = [];
      staged.recentSize = 0;
    }
  }

  private merged({ orchestration, sequence, summary, recentRows, olderSequence: from }: Staged): string {
    const { id, number, projectId } = orchestration;
    const { action, submittedAt } = summary;
    return encodeMember({
      id,
      number,
      from,
      count: sequence - from,
      progress: progressOf(summary),
      identity: from === 0 ? { projectId, action, submittedAt } : undefined,
      repeats: true,
      events: this.log.events(id, recentRows, from, sequence),
    });
  }

  /** Writes the rows of orchestrations that close, and of open ones for which a start would have to read too much. */
  private settle(group: Group, texts: readonly string[]): Iterable<Staged> {
    const chosen = new Map<OpenLogEntry, Staged>();
    for (const staged of group.staged.values()) {
      if (!staged.open) chosen.set(staged.orchestration, staged);
      else if (!staged.wasOpen && staged.orchestration.hasRow) this.table.reopen(staged.orchestration.number);
    }
    let size = texts.reduce((sum, text) => sum + text.length, this.unsettledSize);
    let left = SETTLE_EARLY + 2 * group.staged.size;
    for (const row of this.unsettled) {
      if (size <= this.replayLimit || left <= 0) break;
      for (const orchestration of row.needed) {
        if (chosen.has(orchestration)) continue;
        chosen.set(orchestration, group.staged.get(orchestration.id) ?? unchanged(orchestration));
        left -= 1;
      }
      size -= row.size;
    }
    for (const { orchestration, open, sequence, summary, olderRows, recentRows } of chosen.values()) {
      this.table.write({ orchestration, open, sequence, summary, rows: [...olderRows, ...recentRows] });
    }
    return chosen.values();
  }

  /** The newest row up to which no start needs the log, once it is worth writing that down. */
  private settledRows(): { readonly rows: number; readonly lastId: number } | undefined {
    let rows = 0;
    let size = 0;
    for (let row = this.unsettled[0]; row && row.needed.size === 0; row = this.unsettled[rows]) {
      rows += 1;
      size += row.size;
    }
    const newest = this.unsettled[rows - 1];
    if (!newest || (rows < SETTLE_ROWS && size < Math.min(SETTLE_SIZE, this.replayLimit))) return undefined;
    return { rows, lastId: newest.id };
  }

  private findClosed(id: string): OpenLogEntry | undefined {
    // An id from a request may contain any character; an id with a NUL character was never stored.
    return id.includes('\0') ? undefined : this.table.find(id)?.orchestration;
  }

  private readable(
    orchestration: OpenLogEntry,
    onUnreadable: ((id: OrchestrationId, error: OrraError) => void) | undefined,
  ): StoredOrchestration | undefined {
    try {
      return this.stored(orchestration);
    } catch (error) {
      if (!onUnreadable || !(error instanceof OrraError)) throw error;
      onUnreadable(orchestration.id, error);
      return undefined;
    }
  }

  /** @throws OrraError `ORRA_HISTORY_UNREADABLE`, `ORRA_STORAGE_DAMAGED` */
  private stored({ id, projectId, rows, sequence }: OpenLogEntry): StoredOrchestration {
    const text = this.log.events(id, rows, 0, sequence);
    let events;
    try {
      events = decodeEvents(text);
    } catch {
      // The message of the parser quotes the events.
      throw unreadableHistory(id, rows, 'its events are not valid JSON');
    }
    const unknown = unknownEventType(events);
    if (unknown !== undefined)
      throw unreadableHistory(id, rows, `it has an event of the unknown kind "${excerpt(unknown, 50)}"`);
    return { id, projectId, events };
  }

  private storedEpoch(): number {
    return Number(this.readEpoch.get()?.value);
  }

  private assertOpened(): void {
    if (this.closed) throw journalClosed();
  }
}
