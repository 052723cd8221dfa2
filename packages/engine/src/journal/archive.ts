/** The two tables behind the log: one row for every archived orchestration, and its events. */
import type { OrchestrationId, ProjectId } from '@orra-ts/protocol';
import type { SqlDatabase, SqlRow } from '../storage/sql-driver';
import type { ListedOrchestration, OrchestrationSummary } from './journal';
import { OpenOrchestration } from './open-orchestration';

/** What is to be written about an orchestration, from its last archived event on. */
export interface ToArchive {
  readonly orchestration: Pick<OpenOrchestration, 'number' | 'id' | 'projectId' | 'archived' | 'hasRow'>;
  readonly sequence: number;
  readonly tail: string;
  readonly summary: OrchestrationSummary;
  readonly open: boolean;
}

const COLUMNS = 'number, id, project_id, open, sequence, summary';

export class Archive {
  private readonly insertRow;
  private readonly updateRow;
  private readonly reopenRow;
  private readonly insertHistory;
  private readonly byId;
  private readonly openRows;
  private readonly highestNumber;
  private readonly history;
  private readonly newestClosed;

  constructor(database: SqlDatabase) {
    this.insertRow = database.prepare(
      'INSERT INTO orchestrations (number, id, project_id, open, sequence, changed_at, summary) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.updateRow = database.prepare(
      'UPDATE orchestrations SET open = ?, sequence = ?, changed_at = ?, summary = ? WHERE number = ?',
    );
    this.reopenRow = database.prepare('UPDATE orchestrations SET open = 1 WHERE number = ?');
    this.insertHistory = database.prepare(
      'INSERT INTO histories (orchestration, from_sequence, events) VALUES (?, ?, ?)',
    );
    this.byId = database.prepare(`SELECT ${COLUMNS} FROM orchestrations WHERE id = ?`);
    this.openRows = database.prepare(`SELECT ${COLUMNS} FROM orchestrations WHERE open = 1 ORDER BY number`);
    this.highestNumber = database.prepare('SELECT max(number) AS number FROM orchestrations');
    this.history = database.prepare('SELECT events FROM histories WHERE orchestration = ? ORDER BY from_sequence');
    this.newestClosed = database.prepare(
      `SELECT number, id, summary FROM orchestrations WHERE open = 0 AND project_id = ?
       ORDER BY changed_at DESC, number DESC LIMIT ?`,
    );
  }

  write({ orchestration, sequence, tail, summary, open }: ToArchive): void {
    const { number, id, projectId, archived, hasRow } = orchestration;
    const text = JSON.stringify(summary);
    const openFlag = open ? 1 : 0;
    if (hasRow) this.updateRow.run(openFlag, sequence, summary.changedAt, text, number);
    else this.insertRow.run(number, id, projectId, openFlag, sequence, summary.changedAt, text);
    if (tail !== '') this.insertHistory.run(number, archived, tail);
  }

  /** A closed orchestration goes on: lists take it from memory until it is closed again. */
  reopen(number: number): void {
    this.reopenRow.run(number);
  }

  find(id: string): { readonly orchestration: OpenOrchestration; readonly open: boolean } | undefined {
    const row = this.byId.get(id);
    return row && { orchestration: fromRow(row), open: row.open === 1 };
  }

  /** In order of submission. */
  open(): OpenOrchestration[] {
    return this.openRows.all().map(fromRow);
  }

  lastNumber(): number {
    return Number(this.highestNumber.get()?.number ?? 0);
  }

  /** JSON texts joined by commas; empty when nothing of it is archived. */
  events(number: number): string {
    return this.history
      .all(number)
      .map((row) => row.events)
      .join(',');
  }

  /** Newest change first, then newest submission. */
  closed(projectId: ProjectId, limit: number): (ListedOrchestration & { readonly number: number })[] {
    return this.newestClosed.all(projectId, limit).map((row) => ({
      ...(JSON.parse(row.summary as string) as OrchestrationSummary),
      id: row.id as OrchestrationId,
      number: row.number as number,
    }));
  }
}

function fromRow(row: SqlRow): OpenOrchestration {
  const orchestration = new OpenOrchestration(
    row.number as number,
    row.id as OrchestrationId,
    row.project_id as ProjectId,
  );
  orchestration.sequence = row.sequence as number;
  orchestration.summary = JSON.parse(row.summary as string) as OrchestrationSummary;
  orchestration.settle();
  return orchestration;
}
