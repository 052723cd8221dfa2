/** Everything that an embedded engine stores on disk, behind one `close()`. */
import { randomBytes } from 'node:crypto';
import type { Catalog } from './catalog/catalog';
import { SqliteCatalog } from './catalog/sqlite-catalog';
import type { Journal } from './journal/journal';
import { SqliteJournal } from './journal/sqlite-journal';
import type { PlanCache } from './planner/cache/plan-cache';
import { SqlitePlanCache, type SqlitePlanCacheOptions } from './planner/cache/sqlite-plan-cache';
import { openDatabase } from './storage/open-database';
import type { SqlDatabase } from './storage/sql-driver';

export interface EngineStorage {
  readonly journal: Journal;
  readonly catalog: Catalog;
  /** For engines with a model. */
  planCache(options: SqlitePlanCacheOptions): PlanCache;
  /** Created once per store; signs read tokens. */
  readonly readTokenSecret: Uint8Array;
  /** Releases the folder for another engine. Idempotent. */
  close(): Promise<void>;
}

/**
 * @param options `storage`: a folder, created if missing, or `:memory:`
 * @throws OrraError as `openDatabase` does, and `ORRA_STORAGE_DAMAGED`
 */
export function openStorage(options: { readonly storage: string }): EngineStorage {
  const database = openDatabase(options);
  try {
    const journal = new SqliteJournal(database);
    return {
      journal,
      catalog: new SqliteCatalog(database),
      planCache: (cacheOptions) => new SqlitePlanCache(database, cacheOptions),
      readTokenSecret: secretOf(database, 'read-tokens'),
      close: async () => {
        await journal.close();
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

const SECRET_BYTES = 32;

function secretOf(database: SqlDatabase, name: string): Uint8Array {
  const find = database.prepare('SELECT value FROM secrets WHERE name = ?');
  let value = find.get(name)?.value as string | undefined;
  if (value === undefined) {
    value = randomBytes(SECRET_BYTES).toString('hex');
    database.prepare('INSERT INTO secrets (name, value) VALUES (?, ?)').run(name, value);
  }
  return Buffer.from(value, 'hex');
}
