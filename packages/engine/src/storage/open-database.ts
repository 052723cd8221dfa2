/**
 * Opens the one database of an engine: folder, file, lock, settings, schema.
 *
 * The lock is SQLite's own exclusive lock on the file, held while the database is open. A second engine, in this or another
 * process, gets an error. A killed engine leaves nothing behind, because the operating system releases the lock. (A lock
 * file with a process id would become stale, and ids are reused.)
 */
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeThrown, OrraError } from '@orra-ts/common';
import { engineError } from '../errors';
import { MIGRATIONS } from './migrations';
import { openSqlDatabase, sqliteResultCode, type SqlDatabase, type SqlDriverName } from './sql-driver';

export interface OpenDatabaseOptions {
  /** Folder, created if missing (mode 0700), or `:memory:` for a database that ends when it is closed. */
  readonly storage: string;
  /** @default node:sqlite if this Node has it, else libsql */
  readonly driver?: SqlDriverName;
  /** For tests of single steps. @default all steps */
  readonly migrations?: readonly string[];
}

export const MEMORY_STORAGE = ':memory:';
const DATABASE_FILE = 'engine.db';

/** "orra" in ASCII: identifies our databases. */
const APPLICATION_ID = 0x6f727261;
/** An engine that is stopping releases its lock within this time. Waiting blocks the process, so it is short. */
const BUSY_TIMEOUT_MS = 500;

/** Result codes of SQLite. */
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/**
 * @throws OrraError `ORRA_INVALID_STORAGE` (the folder does not exist and cannot be created), `ORRA_STORAGE_NOT_WRITABLE`,
 *   `ORRA_INVALID_DATABASE` (the file contains something else), `ORRA_STORAGE_LOCKED` (another engine uses the folder),
 *   `ORRA_STORAGE_NEWER` (written by a newer version), `ORRA_MISSING_SQL_DRIVER`, `ORRA_STORAGE_FAILED` (anything else)
 */
export function openDatabase(options: OpenDatabaseOptions): SqlDatabase {
  const { storage } = options;
  const file = storage === MEMORY_STORAGE ? MEMORY_STORAGE : prepareFile(resolve(storage));
  let database: SqlDatabase | undefined;
  try {
    database = openSqlDatabase(file, options.driver);
    configure(database);
    migrate(database, file, options.migrations ?? MIGRATIONS);
    return database;
  } catch (error) {
    database?.close();
    throw error instanceof OrraError ? error : explain(error, file);
  }
}

/** Creates folder and file for their owner only: the data of orchestrations are private. */
function prepareFile(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!statSync(folder).isDirectory()) throw new Error('it is a file');
  } catch (cause) {
    throw engineError(
      'ORRA_INVALID_STORAGE',
      `The storage folder ${folder} cannot be used: ${describeThrown(cause)}. ${CHOOSE_FOLDER}`,
      { details: { folder }, cause },
    );
  }
  const file = join(folder, DATABASE_FILE);
  try {
    // Exclusive creation only: opening and closing an existing file would drop the locks that another database of this
    // process holds on it, because POSIX locks belong to the process.
    closeSync(openSync(file, 'wx', 0o600));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw notWritable(file, cause);
  }
  return file;
}

const CHOOSE_FOLDER =
  'Set a folder that this user may write to in the option `storage` or the environment variable STORAGE_PATH.';

const notWritable = (file: string, cause: unknown): OrraError =>
  engineError(
    'ORRA_STORAGE_NOT_WRITABLE',
    `The engine cannot write to ${file}: ${describeThrown(cause)}. Check the owner and the permissions of the file and ` +
      `its folder, and that the disk is not mounted read-only or full. ${CHOOSE_FOLDER}`,
    { details: { file }, cause },
  );

/** Lock first, so that a database that another engine uses does not change. */
function configure(database: SqlDatabase): void {
  database.exec(`
    PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA foreign_keys = ON;
    PRAGMA cache_size = -16384;
  `);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;
  `);
}

function migrate(database: SqlDatabase, file: string, migrations: readonly string[]): void {
  const pragma = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  const version = pragma('user_version');
  const isOurs = pragma('application_id') === APPLICATION_ID;
  const isEmpty = database.prepare('SELECT 1 AS one FROM sqlite_schema LIMIT 1').get() === undefined;
  if (!isOurs && !isEmpty) {
    throw notADatabase(file, 'it is the SQLite database of another program');
  }
  if (version > migrations.length) {
    throw engineError(
      'ORRA_STORAGE_NEWER',
      `${file} was written by a newer version of the engine (its schema is version ${version}, this engine knows ` +
        `${migrations.length}). Start that version again, or set another folder in the option \`storage\` or the ` +
        `environment variable STORAGE_PATH.`,
      { details: { file, version, supported: migrations.length } },
    );
  }
  for (let next = version; next < migrations.length; next += 1) {
    database.transaction(() => {
      database.exec(migrations[next] as string);
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      database.exec(`PRAGMA user_version = ${next + 1}`);
    });
  }
}

const notADatabase = (file: string, why: string, cause?: unknown): OrraError =>
  engineError(
    'ORRA_INVALID_DATABASE',
    `${file} is not a database of the engine: ${why}. Move it away, or restore it from a copy, or set another folder in ` +
      `the option \`storage\` or the environment variable STORAGE_PATH.`,
    { details: { file }, cause },
  );

function explain(error: unknown, file: string): OrraError {
  switch (sqliteResultCode(error)) {
    case SQLITE_BUSY:
      return engineError(
        'ORRA_STORAGE_LOCKED',
        `${file} is in use by another engine, or by a program that reads it. Only one engine can use a folder: stop ` +
          `the other one, or set another folder in the option \`storage\` or the environment variable STORAGE_PATH.`,
        { details: { file }, cause: error },
      );
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return notADatabase(file, describeThrown(error), error);
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
      return notWritable(file, error);
    case undefined:
    default:
      return engineError(
        'ORRA_STORAGE_FAILED',
        `${file} cannot be opened: ${describeThrown(error)}. Repair it, or set another folder in the option \`storage\` or the environment variable STORAGE_PATH.`,
        {
          details: { file },
          cause: error,
        },
      );
  }
}
