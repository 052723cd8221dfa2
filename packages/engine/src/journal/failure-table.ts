/** The rows of `compensation_failures`. */
import type { ProjectId } from '@orra-ts/protocol';
import type { SqlDatabase, SqlStatement } from '../storage/sql-driver';
import type { FailureFilter, StoredFailure } from './journal';

/** Maximum characters of one list: each record contains the input of its revert, which may be megabytes (E8). */
const LIST_SIZE = 32 * 1024 * 1024;
/** Records per read, so that the bound above is noticed in time. */
const PAGE = 20;

export class FailureTable {
  private readonly upsert: SqlStatement;
  private readonly byId: SqlStatement;
  private readonly page: SqlStatement;

  constructor(database: SqlDatabase) {
    this.upsert = database.prepare(
      `INSERT INTO compensation_failures (id, project_id, at, body, orchestration_id, kind, resolution_state)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET at = excluded.at, body = excluded.body, kind = excluded.kind,
         resolution_state = excluded.resolution_state`,
    );
    this.byId = database.prepare('SELECT body FROM compensation_failures WHERE id = ?');
    this.page = database.prepare(
      `SELECT body FROM compensation_failures
       WHERE project_id = ? AND kind = coalesce(?, kind) AND resolution_state = coalesce(?, resolution_state)
       ORDER BY at DESC, rowid DESC LIMIT ? OFFSET ?`,
    );
  }

  put(failure: StoredFailure): void {
    const { id, projectId, at, orchestrationId, status, resolutionState } = failure;
    this.upsert.run(id, projectId, at, JSON.stringify(failure), orchestrationId, status, resolutionState);
  }

  find(id: string): StoredFailure | undefined {
    // An id from a request may contain any character; an id with a NUL character was never stored.
    const body = id.includes('\0') ? undefined : this.byId.get(id)?.body;
    return body === undefined ? undefined : (JSON.parse(body as string) as StoredFailure);
  }

  newest(projectId: ProjectId, limit: number, { kind, resolutionState }: FailureFilter): StoredFailure[] {
    const found: StoredFailure[] = [];
    let size = 0;
    while (found.length < limit) {
      const rows = this.page.all(
        projectId,
        kind ?? null,
        resolutionState ?? null,
        Math.min(PAGE, limit - found.length),
        found.length,
      );
      for (const row of rows) {
        const body = row.body as string;
        size += body.length;
        if (size > LIST_SIZE && found.length > 0) return found;
        found.push(JSON.parse(body) as StoredFailure);
      }
      if (rows.length < PAGE) break;
    }
    return found;
  }
}
