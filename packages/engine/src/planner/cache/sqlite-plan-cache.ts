/**
 * Stores the plan cache in the journal's database. It is bounded per project; the least recently used plan is evicted
 * first.
 */
import { describeThrown, type Clock, type Logger } from '@orra-ts/common';
import type { ProjectId } from '@orra-ts/protocol';
import type { SqlDatabase, SqlStatement } from '../../storage/sql-driver';
import type { CachedPlan, PlanCache } from './plan-cache';

export interface SqlitePlanCacheOptions {
  /** Maximum number of plans per project. */
  readonly maxEntries: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A use is recorded at most this often, because each record is a synchronous write. */
const NOTED_EVERY_MS = 60 * 60_000;

export class SqlitePlanCache implements PlanCache {
  private readonly find: SqlStatement;
  private readonly upsert: SqlStatement;
  private readonly use: SqlStatement;
  private readonly delete: SqlStatement;
  private readonly trim: SqlStatement;

  constructor(
    private readonly database: SqlDatabase,
    private readonly options: SqlitePlanCacheOptions,
  ) {
    this.find = database.prepare('SELECT used_at, body FROM plan_cache WHERE project_id = ? AND key = ?');
    this.upsert = database.prepare(
      `INSERT INTO plan_cache (project_id, key, used_at, body) VALUES (?, ?, ?, ?)
       ON CONFLICT (project_id, key) DO UPDATE SET used_at = excluded.used_at, body = excluded.body`,
    );
    this.use = database.prepare('UPDATE plan_cache SET used_at = ? WHERE project_id = ? AND key = ?');
    this.delete = database.prepare('DELETE FROM plan_cache WHERE project_id = ? AND key = ?');
    this.trim = database.prepare(
      `DELETE FROM plan_cache WHERE project_id = ? AND key IN
       (SELECT key FROM plan_cache WHERE project_id = ? ORDER BY used_at DESC, key LIMIT -1 OFFSET ?)`,
    );
  }

  get(projectId: ProjectId, key: string): CachedPlan | undefined {
    const row = this.find.get(projectId, key);
    if (!row) return undefined;
    const now = this.options.clock.now();
    if (now - (row.used_at as number) >= NOTED_EVERY_MS) {
      this.write('the use of a cached plan was not recorded', () => this.use.run(now, projectId, key));
    }
    try {
      return JSON.parse(row.body as string) as CachedPlan;
    } catch {
      this.options.logger.warn('removing a cached plan that is not readable', { projectId });
      this.remove(projectId, key);
      return undefined;
    }
  }

  put(projectId: ProjectId, key: string, plan: CachedPlan): void {
    const { clock, maxEntries } = this.options;
    this.write('a plan was not cached', () => {
      this.upsert.run(projectId, key, clock.now(), JSON.stringify(plan));
      this.trim.run(projectId, projectId, maxEntries);
    });
  }

  remove(projectId: ProjectId, key: string): void {
    this.write('a cached plan was not removed', () => this.delete.run(projectId, key));
  }

  /** A failed write is logged and does not reject the current plan; a plan that is not cached is made again. */
  private write(failed: string, work: () => void): void {
    try {
      this.database.transaction(work);
    } catch (error) {
      this.options.logger.warn(failed, { error: describeThrown(error) });
    }
  }
}
