/** The journal of the engine on a file and in memory. The engine has no journal without SQLite. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SqliteJournal } from '../src/journal/sqlite-journal';
import { openDatabase } from '../src/storage/open-database';
import { journalSuite, type JournalStore } from '../src/testing';

const functions = { describe, it, beforeEach, afterEach };

/** The engine's lock is on the file, so each start opens it anew. */
function fileStore(): Promise<JournalStore> {
  const folder = mkdtempSync(path.join(tmpdir(), 'orra-journal-'));
  let database: ReturnType<typeof openDatabase> | undefined;
  return Promise.resolve({
    open: () => {
      database?.close();
      database = openDatabase({ storage: folder });
      return Promise.resolve(new SqliteJournal(database));
    },
    close: () => {
      database?.close();
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
}

/** A database in memory lasts as long as its connection, which all starts share. */
function memoryStore(options?: ConstructorParameters<typeof SqliteJournal>[1]): Promise<JournalStore> {
  const database = openDatabase({ storage: ':memory:' });
  return Promise.resolve({
    open: () => Promise.resolve(new SqliteJournal(database, options)),
    close: () => Promise.resolve(database.close()),
  });
}

journalSuite('SqliteJournal on a file', fileStore, functions);
journalSuite('SqliteJournal in memory', () => memoryStore(), functions);
journalSuite('SqliteJournal that settles everything early', () => memoryStore({ replayLimit: 0 }), functions);
