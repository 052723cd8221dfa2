/** Everything an embedded engine keeps on disk, behind one `close()`. */
import { randomBytes } from 'node:crypto';
import type { Catalog } from '../catalog/catalog';
import { SqliteCatalog } from '../catalog/sqlite-catalog';
import type { Journal } from '../journal/journal';
import { SqliteJournal } from '../journal/sqlite-journal';
import { openDatabase } from './open-database';
import type { SqlDatabase } from './sql-driver';

export interface EngineStorage {
  readonly journal: Journal;
  readonly catalog: Catalog;
  /** Made once for a store: what read tokens are signed with. */
  readonly readTokenSecret: Uint8Array;
  /** Gives the folder free for another engine. Idempotent. */
  close(): Promise<void>;
}

/**
 * @param options `storage`: a folder, made if missing, or `:memory:`
 * @throws OrraError as `openDatabase` does, and `ORRA_STORAGE_DAMAGED`
 */
export function openStorage(options: { readonly storage: string }): EngineStorage {
  const database = openDatabase(options);
  try {
    const journal = new SqliteJournal(database);
    return {
      journal,
      catalog: new SqliteCatalog(database),
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
