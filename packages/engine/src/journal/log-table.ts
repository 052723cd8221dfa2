/** The rows of `log`, and up to which row they are settled. */
import type { SqlDatabase } from '../storage/sql-driver';
import { damagedHistory } from './errors';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { decodeEvents, joinEvents, linesOf, membersIn, membersOf, type LogMember } from './log-format';

export interface LogRow {
  readonly id: number;
  readonly size: number;
  readonly members: Iterable<LogMember>;
}

/** Rows in the cache: a start loads orchestrations one after the other, and neighbours share rows. */
const CACHED_ROWS = 8;
/** Longer rows belong to one orchestration with large events and are not cached. */
const CACHED_ROW_SIZE = 256 * 1024;

export class LogTable {
  private readonly insertRow;
  private readonly byId;
  private readonly next;
  private readonly highestId;
  private readonly setSettled;
  private readonly getSettled;
  /** A cache of rows, which never change. Least recently used first. */
  private readonly cache = new Map<number, readonly string[]>();

  constructor(database: SqlDatabase) {
    this.insertRow = database.prepare('INSERT INTO log (id, members) VALUES (?, ?)');
    this.byId = database.prepare('SELECT members FROM log WHERE id = ?');
    this.next = database.prepare('SELECT id, members FROM log WHERE id > ? ORDER BY id LIMIT 1');
    this.highestId = database.prepare('SELECT max(id) AS id FROM log');
    this.setSettled = database.prepare(`UPDATE meta SET value = ? WHERE name = 'settled'`);
    this.getSettled = database.prepare(`SELECT value FROM meta WHERE name = 'settled'`);
  }

  insert(id: number, text: string): void {
    this.insertRow.run(id, text);
  }

  lastId(): number {
    return Number(this.highestId.get()?.id ?? 0);
  }

  /** A start does not need the rows up to this one. */
  settle(id: number): void {
    this.setSettled.run(id);
  }

  /** Oldest first; one row in memory at a time. */
  *unsettled(): Generator<LogRow> {
    let id = Number(this.getSettled.get()?.value);
    for (let row = this.next.get(id); row; row = this.next.get(id)) {
      id = row.id as number;
      const text = row.members as string;
      yield { id, size: text.length, members: membersIn(linesOf(text)) };
    }
  }

  /**
   * The events of an orchestration from `from` to before `to` in these rows: JSON strings joined by commas.
   *
   * @throws OrraError `ORRA_STORAGE_DAMAGED`
   */
  events(id: string, rows: readonly number[], from: number, to: number): string {
    let events = '';
    let next = from;
    for (const row of rows) {
      for (const member of membersOf(this.read(row), id)) {
        if (member.from !== next) continue;
        events = joinEvents(events, member.events);
        next += member.count;
      }
    }
    if (next !== to) throw damagedHistory(id, next, to);
    return events;
  }

  /** At most `limit` events of an orchestration from `from` on. Reads backwards, because most requests are for the newest. */
  part(id: string, rows: readonly number[], from: number, limit: number): OrchestrationEvent[] {
    const members: LogMember[] = [];
    for (let index = rows.length - 1; index >= 0 && (members[0]?.from ?? Infinity) > from; index -= 1) {
      members.unshift(...membersOf(this.read(rows[index] as number), id));
    }
    const events: OrchestrationEvent[] = [];
    for (const member of members) {
      if (member.from + member.count <= from + events.length) continue;
      if (events.length >= limit) break;
      events.push(...decodeEvents(member.events).slice(from + events.length - member.from));
    }
    return events.slice(0, limit);
  }

  /** All members of a row. */
  members(row: number): Generator<LogMember> {
    return membersIn(this.read(row));
  }

  /** Drops cached rows after a transaction that failed. */
  forgetRows(): void {
    this.cache.clear();
  }

  private read(id: number): readonly string[] {
    let lines = this.cache.get(id);
    this.cache.delete(id);
    if (!lines) {
      const text = (this.byId.get(id)?.members as string | undefined) ?? '';
      lines = linesOf(text);
      if (text.length > CACHED_ROW_SIZE) return lines;
    }
    this.cache.set(id, lines);
    if (this.cache.size > CACHED_ROWS) this.cache.delete(this.cache.keys().next().value as number);
    return lines;
  }
}
