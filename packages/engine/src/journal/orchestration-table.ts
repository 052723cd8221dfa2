/** The rows of `orchestrations`: what is known of an orchestration without reading the log. */
import type { OrchestrationId, ProjectId } from '@orra-ts/protocol';
import type { SqlDatabase, SqlRow } from '../storage/sql-driver';
import type { ListedOrchestration, OrchestrationSummary } from './journal';
import { OpenLogEntry } from './open-log-entry';

/** The values of one row. */
export interface OrchestrationRow {
  readonly orchestration: Pick<OpenLogEntry, 'number' | 'id' | 'projectId' | 'hasRow'>;
  readonly open: boolean;
  readonly sequence: number;
  readonly summary: OrchestrationSummary;
  readonly rows: readonly number[];
}

const COLUMNS = 'number, id, project_id, open, sequence, summary, log_rows';

export class OrchestrationTable {
  private readonly insert;
  private readonly update;
  private readonly setOpen;
  private readonly byId;
  private readonly openRows;
  private readonly highestNumber;
  private readonly newestClosed;

  constructor(database: SqlDatabase) {
    this.insert = database.prepare(
      `INSERT INTO orchestrations (number, id, project_id, open, sequence, changed_at, summary, log_rows)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.update = database.prepare(
      'UPDATE orchestrations SET open = ?, sequence = ?, changed_at = ?, summary = ?, log_rows = ? WHERE number = ?',
    );
    this.setOpen = database.prepare('UPDATE orchestrations SET open = 1 WHERE number = ?');
    this.byId = database.prepare(`SELECT ${COLUMNS} FROM orchestrations WHERE id = ?`);
    this.openRows = database.prepare(`SELECT ${COLUMNS} FROM orchestrations WHERE open = 1 ORDER BY number`);
    this.highestNumber = database.prepare('SELECT max(number) AS number FROM orchestrations');
    // One JSON string instead of many rows: libsql needs about 10 us per row.
    this.newestClosed = database.prepare(
      `SELECT '[' || group_concat('[' || number || ',' || json_quote(id) || ',' || summary || ']') || ']' AS list
       FROM (
         SELECT number, id, summary FROM orchestrations WHERE open = 0 AND project_id = ?
         ORDER BY changed_at DESC, number DESC LIMIT ?
       )`,
    );
  }

  write({ orchestration, open, sequence, summary, rows }: OrchestrationRow): void {
    const { number, id, projectId, hasRow } = orchestration;
    const values = [open ? 1 : 0, sequence, summary.changedAt, JSON.stringify(summary), JSON.stringify(rows)] as const;
    if (hasRow) this.update.run(...values, number);
    else this.insert.run(number, id, projectId, ...values);
  }

  /** A closed orchestration continues: lists read it from memory until it is closed again. */
  reopen(number: number): void {
    this.setOpen.run(number);
  }

  find(id: string): { readonly orchestration: OpenLogEntry; readonly open: boolean } | undefined {
    const row = this.byId.get(id);
    return row && { orchestration: fromRow(row), open: row.open === 1 };
  }

  /** In order of submission. */
  open(): OpenLogEntry[] {
    return this.openRows.all().map(fromRow);
  }

  lastNumber(): number {
    return Number(this.highestNumber.get()?.number ?? 0);
  }

  /** The newest by change, then by submission; unordered. */
  closed(projectId: ProjectId, limit: number): (ListedOrchestration & { readonly number: number })[] {
    const list = (this.newestClosed.get(projectId, limit)?.list ?? '[]') as string;
    const rows = JSON.parse(list) as [number, OrchestrationId, OrchestrationSummary][];
    return rows.map(([number, id, summary]) => ({ ...summary, id, number }));
  }
}

function fromRow(row: SqlRow): OpenLogEntry {
  const orchestration = new OpenLogEntry(row.number as number, row.id as OrchestrationId, row.project_id as ProjectId);
  orchestration.hasRow = true;
  orchestration.sequence = row.sequence as number;
  orchestration.olderSequence = row.sequence as number;
  orchestration.olderRows = JSON.parse(row.log_rows as string) as number[];
  orchestration.summary = JSON.parse(row.summary as string) as OrchestrationSummary;
  return orchestration;
}
