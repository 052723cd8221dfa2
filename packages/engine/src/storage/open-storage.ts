/** Everything an embedded engine keeps on disk, behind one `close()`. */
import type { Catalog } from '../catalog/catalog';
import { SqliteCatalog } from '../catalog/sqlite-catalog';
import type { Journal } from '../journal/journal';
import { SqliteJournal } from '../journal/sqlite-journal';
import { openDatabase } from './open-database';

export interface EngineStorage {
  readonly journal: Journal;
  readonly catalog: Catalog;
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
