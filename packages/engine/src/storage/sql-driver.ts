/**
 * SQLite behind one small interface; the only file that uses a driver: `node:sqlite` if this Node has it, else `libsql`.
 *
 * Both are dangerous without checks, libsql most. A boolean aborts the process; a missing parameter silently takes the value
 * of the previous call; `undefined` and NaN become NULL; a string is truncated at a NUL when read; rows of `get` have a
 * `_metadata` member; a statement still writes after `close()`. So this file counts and checks every parameter, and nothing
 * works once the database is closed.
 */
import { describeThrown, type OrraError } from '@orra-ts/common';
import { engineError } from '../errors';

export type SqlValue = string | number | null;
export type SqlRow = Record<string, SqlValue>;

export interface SqlStatement {
  /** Returns the number of changed rows. */
  run(...parameters: SqlValue[]): number;
  get(...parameters: SqlValue[]): SqlRow | undefined;
  all(...parameters: SqlValue[]): SqlRow[];
}

/** After `close`, every other method throws `ORRA_STORAGE_CLOSED`, and so do its statements. */
export interface SqlDatabase {
  /** Runs statements without parameters and ignores their rows. */
  exec(sql: string): void;
  /** Parameters are positional: `?` only. */
  prepare(sql: string): SqlStatement;
  /** Commits all or nothing. Takes the write lock at once. Cannot be nested. */
  transaction<T>(work: () => T): T;
  /** Idempotent. */
  close(): void;
}

/** The common interface of the two drivers, after their differences are removed. */
export interface RawStatement {
  run(parameters: SqlValue[]): number;
  get(parameters: SqlValue[]): SqlRow | undefined;
  all(parameters: SqlValue[]): SqlRow[];
}

export interface RawDatabase {
  exec(sql: string): void;
  prepare(sql: string): RawStatement;
  close(): void;
}

export type SqlDriverName = 'node:sqlite' | 'libsql';

/** First Node version whose `node:sqlite` needs no flag. */
const NODE_SQLITE_SINCE = [22, 13] as const;

/** The driver for this Node version. */
export function preferredDriver(nodeVersion: string = process.versions.node): SqlDriverName {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const [sinceMajor, sinceMinor] = NODE_SQLITE_SINCE;
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor) ? 'node:sqlite' : 'libsql';
}

/**
 * Opens a database file with the driver's defaults; creates the file if it is missing.
 *
 * @throws OrraError `ORRA_MISSING_SQL_DRIVER` when this Node has neither driver; anything else is the driver's own error
 */
export function openSqlDatabase(file: string, driver: SqlDriverName = preferredDriver()): SqlDatabase {
  const open = driver === 'node:sqlite' ? loadNodeSqlite() : loadLibsql();
  return new CheckedDatabase(file, open(file));
}

type OpenRaw = (file: string) => RawDatabase;

/** SQLite's result code of a driver's error, with extended codes reduced to their class: 5 is busy, 26 not a database. */
export function sqliteResultCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { rawCode, errcode, message } = error as { rawCode?: unknown; errcode?: unknown; message?: unknown };
  for (const code of [rawCode, errcode]) if (typeof code === 'number') return code & 0xff;
  // Open errors of libsql have the number only at the end of their message.
  const atEnd = typeof message === 'string' ? /: (\d+)"?\)?$/.exec(message) : null;
  return atEnd ? Number(atEnd[1]) & 0xff : undefined;
}

class CheckedDatabase implements SqlDatabase {
  private raw: RawDatabase | undefined;
  private inTransaction = false;
  /** The only access to the driver's statements, so that `close` can release all of them. */
  private readonly held: { statement: RawStatement | undefined }[] = [];

  constructor(
    private readonly file: string,
    raw: RawDatabase,
  ) {
    this.raw = raw;
  }

  exec(sql: string): void {
    this.opened().exec(sql);
  }

  prepare(sql: string): SqlStatement {
    const expected = countParameters(sql);
    const held: { statement: RawStatement | undefined } = { statement: this.opened().prepare(sql) };
    this.held.push(held);
    const checked = (parameters: readonly SqlValue[]): RawStatement => {
      if (!held.statement) throw this.closed();
      checkParameters(sql, expected, parameters);
      return held.statement;
    };
    return {
      run: (...parameters) => checked(parameters).run(parameters),
      get: (...parameters) => checked(parameters).get(parameters),
      all: (...parameters) => checked(parameters).all(parameters),
    };
  }

  transaction<T>(work: () => T): T {
    if (this.inTransaction) throw new TypeError('A transaction is under way already; they may not be nested.');
    this.opened().exec('BEGIN IMMEDIATE');
    this.inTransaction = true;
    try {
      const result = work();
      this.opened().exec('COMMIT');
      return result;
    } catch (error) {
      try {
        this.raw?.exec('ROLLBACK');
      } catch {
        // SQLite has already rolled back by itself, as it does when the disk is full.
      }
      throw error;
    } finally {
      this.inTransaction = false;
    }
  }

  close(): void {
    if (!this.raw) return;
    if (this.inTransaction) throw new TypeError('A database may not be closed within a transaction.');
    const { raw } = this;
    this.raw = undefined;
    for (const held of this.held) held.statement = undefined;
    this.held.length = 0;
    releaseLocks(raw);
    raw.close();
  }

  private opened(): RawDatabase {
    if (!this.raw) throw this.closed();
    return this.raw;
  }

  private closed(): OrraError {
    return engineError('ORRA_STORAGE_CLOSED', `The database ${this.file} is closed; open the engine again to use it.`);
  }
}

/**
 * libsql keeps the file open, and its locks, until its statements are garbage collected. So this code checkpoints the
 * write-ahead log and releases the locks itself; otherwise the next engine on this folder finds it in use.
 */
function releaseLocks(raw: RawDatabase): void {
  try {
    raw.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL');
    raw.prepare('SELECT count(*) AS n FROM sqlite_schema').get([]);
  } catch {
    // A full or missing disk must not prevent the engine from stopping; the next start reads the log.
  }
}

function checkParameters(sql: string, expected: number, parameters: readonly unknown[]): void {
  if (parameters.length !== expected) {
    throw new TypeError(`The statement takes ${expected} parameters and got ${parameters.length}: ${sql}`);
  }
  for (const [index, value] of parameters.entries()) {
    const problem = parameterProblem(value);
    if (problem) throw new TypeError(`Parameter ${index + 1} ${problem}: ${sql}`);
  }
}

function parameterProblem(value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes('\0') ? 'contains a NUL character' : undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `is ${value}`;
  if (value === null) return undefined;
  return `is ${Array.isArray(value) ? 'an array' : `of type ${typeof value}`}; only strings, numbers and null can be stored`;
}

const QUOTED_OR_COMMENT = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\//g;

function countParameters(sql: string): number {
  const bare = sql.replace(QUOTED_OR_COMMENT, ' ');
  if (/\?\d|[:@$][A-Za-z_]/.test(bare)) throw new TypeError(`Only positional parameters (?) are supported: ${sql}`);
  return bare.split('?').length - 1;
}

// ---- libsql ----

interface LibsqlStatement {
  run(parameters: SqlValue[]): { changes: number };
  get(parameters: SqlValue[]): (SqlRow & { _metadata?: unknown }) | undefined;
  all(parameters: SqlValue[]): SqlRow[];
}
interface LibsqlDatabase {
  exec(sql: string): void;
  prepare(sql: string): LibsqlStatement;
  close(): void;
}

function loadLibsql(): OpenRaw {
  let Database: new (file: string) => LibsqlDatabase;
  try {
    Database = require('libsql') as typeof Database;
  } catch (cause) {
    throw noDriver(cause);
  }
  return (file) => {
    const database = new Database(file);
    return {
      exec: (sql) => database.exec(sql),
      prepare: (sql) => {
        const statement = database.prepare(sql);
        return {
          run: (parameters) => statement.run(parameters).changes,
          get: (parameters) => {
            const row = statement.get(parameters);
            if (row) delete row._metadata;
            return row;
          },
          all: (parameters) => statement.all(parameters),
        };
      },
      close: () => database.close(),
    };
  };
}

// ---- node:sqlite ----

interface NodeSqliteStatement {
  run(...parameters: SqlValue[]): { changes: number | bigint };
  get(...parameters: SqlValue[]): SqlRow | undefined;
  all(...parameters: SqlValue[]): SqlRow[];
}
interface NodeSqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): NodeSqliteStatement;
  close(): void;
}

function loadNodeSqlite(): OpenRaw {
  let DatabaseSync: new (file: string) => NodeSqliteDatabase;
  try {
    ({ DatabaseSync } = withoutSqliteWarning(() => require('node:sqlite') as { DatabaseSync: typeof DatabaseSync }));
  } catch (cause) {
    throw noDriver(cause);
  }
  return (file) => {
    const database = new DatabaseSync(file);
    return {
      exec: (sql) => database.exec(sql),
      prepare: (sql) => {
        const statement = database.prepare(sql);
        return {
          run: (parameters) => Number(statement.run(...parameters).changes),
          get: (parameters) => statement.get(...parameters),
          all: (parameters) => statement.all(...parameters),
        };
      },
      close: () => database.close(),
    };
  };
}

/** Node 22 to 24 print a warning when the module is loaded. The user did not choose the module and cannot act on it. */
function withoutSqliteWarning<T>(load: () => T): T {
  // The same function is restored, so it must not be a bound copy.
  const emitWarning = Reflect.get(process, 'emitWarning') as (...all: unknown[]) => void;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (!String(warning).includes('SQLite is an experimental feature')) {
      emitWarning.call(process, warning, ...rest);
    }
  };
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

const noDriver = (cause: unknown): OrraError =>
  engineError(
    'ORRA_MISSING_SQL_DRIVER',
    `No SQLite driver could be loaded on Node ${process.versions.node} (${process.platform} ${process.arch}): ` +
      `${describeThrown(cause)}. Use Node 22.13 or newer, which has one built in, or install the package libsql ` +
      `with its optional dependencies (npm install without --omit=optional).`,
    { cause },
  );
