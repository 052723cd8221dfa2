import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OrraError } from '@orra-ts/common';
import { MIGRATIONS } from '../src/storage/migrations';
import { openDatabase } from '../src/storage/open-database';
import { openStorage } from '../src/open-storage';
import { openSqlDatabase, preferredDriver, type SqlDatabase, type SqlValue } from '../src/storage/sql-driver';

let folder: string;
let opened: SqlDatabase[];
const track = (database: SqlDatabase): SqlDatabase => {
  opened.push(database);
  return database;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orra-storage-'));
  opened = [];
});
afterEach(() => {
  for (const database of opened) database.close();
  rmSync(folder, { recursive: true, force: true });
});

const errorOf = (work: () => unknown): OrraError => {
  try {
    work();
  } catch (error) {
    if (error instanceof OrraError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('SqlDatabase', () => {
  let database: SqlDatabase;
  beforeEach(() => {
    database = track(openSqlDatabase(join(folder, 'a.db')));
    database.exec('CREATE TABLE t (a, b)');
  });
  const all = (): unknown[] => database.prepare('SELECT a, b FROM t').all();

  it('gives rows without anything of the driver in them', () => {
    const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
    expect(insert.run('text', 1.5)).toBe(1);
    const get = database.prepare('SELECT a, b FROM t WHERE a = ?');
    expect({ ...get.get('text') }).toEqual({ a: 'text', b: 1.5 });
    expect(get.get('nobody')).toBeUndefined();
    expect(database.prepare('SELECT b, ? AS none FROM t').get(null)).toMatchObject({ b: 1.5, none: null });
  });

  it.each<[string, unknown[], RegExp]>([
    ['a boolean', [true, 1], /Parameter 1 is of type boolean/],
    ['undefined', ['x', undefined], /Parameter 2 is of type undefined/],
    ['NaN', [NaN, 1], /Parameter 1 is NaN/],
    ['infinity', [1, -Infinity], /Parameter 2 is -Infinity/],
    ['a bigint', [1n, 1], /of type bigint/],
    ['an object', [{ a: 1 }, 1], /of type object/],
    ['an array', [['x', 'y']], /takes 2 parameters and got 1/],
    ['an array among others', [['x'], 'y'], /is an array/],
    ['bytes', [Buffer.from('x'), 1], /of type object/],
    ['a text with a NUL', ['a\0b', 1], /Parameter 1 contains a NUL character/],
    ['too few', ['x'], /takes 2 parameters and got 1/],
    ['too many', ['x', 1, 2], /takes 2 parameters and got 3/],
  ])('refuses %s as a parameter and changes nothing', (_what, parameters, message) => {
    const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
    insert.run('before', 0);
    expect(() => insert.run(...(parameters as SqlValue[]))).toThrow(message);
    expect(() => database.prepare('SELECT ? AS a, ? AS b').get(...(parameters as SqlValue[]))).toThrow(TypeError);
    expect(all()).toHaveLength(1);
  });

  it('counts only question marks that are parameters', () => {
    expect(
      database.prepare(`SELECT '?' AS a, "b" AS "?", ? AS c /* ? */ FROM (SELECT 1 AS b) -- ?`).get('yes')?.c,
    ).toBe('yes');
  });

  it.each(['SELECT ?1', 'SELECT :name', 'SELECT @name', 'SELECT $name'])('refuses parameters with names: %s', (sql) => {
    expect(() => database.prepare(sql)).toThrow(/positional/);
  });

  it('does all of a transaction or nothing of it', () => {
    const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
    const failing = (): void =>
      database.transaction(() => {
        insert.run('lost', 1);
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect(all()).toEqual([]);
    expect(
      database.transaction(() => {
        insert.run('kept', 1);
        return 'answer';
      }),
    ).toBe('answer');
    expect(all()).toHaveLength(1);
    expect(() => database.transaction(() => database.transaction(() => undefined))).toThrow(/nested/);
    insert.run('after', 1);
    expect(all()).toHaveLength(2);
  });

  it('refuses everything once it is closed, also through statements made before', () => {
    const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
    database.close();
    database.close();
    for (const use of [
      () => insert.run('x', 1),
      () => database.exec('DELETE FROM t'),
      () => database.prepare('SELECT 1'),
      () => database.transaction(() => undefined),
    ]) {
      expect(errorOf(use).code).toBe('ORRA_STORAGE_CLOSED');
    }
    database = track(openSqlDatabase(join(folder, 'a.db')));
    expect(all()).toEqual([]);
  });

  it('comes with Node from 22.13 on, and from libsql before', () => {
    expect(['20.19.0', '22.12.9', '22.13.0', '23.0.0', '24.1.0'].map(preferredDriver)).toEqual([
      'libsql',
      'libsql',
      'node:sqlite',
      'node:sqlite',
      'node:sqlite',
    ]);
  });

  const hasNodeSqlite = preferredDriver() === 'node:sqlite';
  (hasNodeSqlite ? it.skip : it)('says what to do where there is no driver', () => {
    const error = errorOf(() => openSqlDatabase(join(folder, 'b.db'), 'node:sqlite'));
    expect(error.code).toBe('ORRA_MISSING_SQL_DRIVER');
    expect(error.message).toMatch(/Node 22\.13 or newer.*libsql/);
  });
});

describe('openDatabase', () => {
  const pragma = (database: SqlDatabase, name: string): unknown =>
    Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];

  it('makes the folder for its owner only, and the file too', () => {
    const storage = join(folder, 'deep', 'er');
    track(openDatabase({ storage }));
    expect(statSync(storage).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(storage)) expect(statSync(join(storage, file)).mode & 0o777).toBe(0o600);
  });

  it('writes ahead, waits for the disk at every commit, and keeps references sound', () => {
    const database = track(openDatabase({ storage: folder }));
    expect(pragma(database, 'journal_mode')).toBe('wal');
    expect(pragma(database, 'synchronous')).toBe(2);
    expect(pragma(database, 'foreign_keys')).toBe(1);
    expect(pragma(database, 'user_version')).toBe(MIGRATIONS.length);
  });

  it('leaves one complete file behind when it is closed', () => {
    openDatabase({ storage: folder }).close();
    expect(readdirSync(folder)).toEqual(['engine.db']);
  });

  it('keeps a database in memory when told so, and makes no file of it', () => {
    const database = track(openDatabase({ storage: ':memory:' }));
    expect(database.prepare('SELECT count(*) AS n FROM log').get()?.n).toBe(0);
    expect(existsSync(':memory:')).toBe(false);
  });

  it('refuses a folder that another engine of this process uses, which goes on working', () => {
    const first = track(openDatabase({ storage: folder }));
    const error = errorOf(() => openDatabase({ storage: folder }));
    expect(error).toMatchObject({ code: 'ORRA_STORAGE_LOCKED', retryable: true });
    expect(error.message).toContain(join(folder, 'engine.db'));
    expect(error.message).toContain('STORAGE_PATH');
    first.exec(`UPDATE meta SET value = 7 WHERE name = 'epoch'`);
    first.close();
    const second = track(openDatabase({ storage: folder }));
    expect(second.prepare(`SELECT value FROM meta WHERE name = 'epoch'`).get()?.value).toBe(7);
  });

  it('says so when the path is a file, or lies in one', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const storage of [file, join(file, 'below')]) {
      const error = errorOf(() => openDatabase({ storage }));
      expect(error.code).toBe('ORRA_INVALID_STORAGE');
      expect(error.message).toContain(storage);
      expect(error.message).toContain('STORAGE_PATH');
    }
  });

  it('says so when it may not write there', () => {
    const storage = join(folder, 'read-only');
    mkdirSync(storage);
    chmodSync(storage, 0o500);
    // The superuser may write everywhere but into /proc.
    const error = errorOf(() => openDatabase({ storage: process.getuid?.() === 0 ? '/proc' : storage }));
    expect(['ORRA_STORAGE_NOT_WRITABLE', 'ORRA_INVALID_STORAGE']).toContain(error.code);
    expect(error.message).toContain('STORAGE_PATH');
  });

  it('says so when engine.db is no database, or one of another program, and leaves it alone', () => {
    const file = join(folder, 'engine.db');
    writeFileSync(file, 'not a database, but long enough for one to begin like this. '.repeat(100));
    const text = errorOf(() => openDatabase({ storage: folder }));
    expect(text.code).toBe('ORRA_INVALID_DATABASE');
    expect(text.message).toContain(file);
    rmSync(file);
    const foreign = openSqlDatabase(file);
    foreign.exec('CREATE TABLE theirs (a)');
    foreign.close();
    expect(errorOf(() => openDatabase({ storage: folder })).code).toBe('ORRA_INVALID_DATABASE');
    const again = track(openSqlDatabase(file));
    expect(again.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'theirs' }]);
  });

  it('refuses what a newer version has written', () => {
    openDatabase({ storage: folder, migrations: [...MIGRATIONS, 'CREATE TABLE later (a)'] }).close();
    const error = errorOf(() => openDatabase({ storage: folder }));
    expect(error.code).toBe('ORRA_STORAGE_NEWER');
    expect(error.details).toMatchObject({ version: MIGRATIONS.length + 1, supported: MIGRATIONS.length });
  });

  it('takes an older database through the steps it has not taken, with its data', () => {
    const older = openDatabase({ storage: folder });
    older.exec(`UPDATE meta SET value = 41 WHERE name = 'epoch'`);
    older.close();
    const migrations = [...MIGRATIONS, `UPDATE meta SET value = value + 1 WHERE name = 'epoch'`];
    for (let start = 0; start < 2; start += 1) {
      const database = openDatabase({ storage: folder, migrations });
      expect(database.prepare(`SELECT value FROM meta WHERE name = 'epoch'`).get()?.value).toBe(42);
      database.close();
    }
  });

  it('does a step as a whole or not at all', () => {
    openDatabase({ storage: folder }).close();
    const broken = [...MIGRATIONS, 'CREATE TABLE half (a); INSERT INTO nowhere VALUES (1)'];
    expect(errorOf(() => openDatabase({ storage: folder, migrations: broken })).code).toBe('ORRA_STORAGE_FAILED');
    const database = track(openDatabase({ storage: folder }));
    expect(database.prepare(`SELECT 1 AS one FROM sqlite_schema WHERE name = 'half'`).get()).toBeUndefined();
  });
});

describe('openStorage', () => {
  it('gives the folder free when it is closed, twice without harm', async () => {
    const first = openStorage({ storage: folder });
    await first.close();
    await first.close();
    const second = openStorage({ storage: folder });
    expect(second.journal.epoch).toBe(first.journal.epoch + 1);
    await second.close();
  });

  it('gives the folder free when what is in it cannot be read', () => {
    const database = openDatabase({ storage: folder });
    database.exec(
      `INSERT INTO log (id, members) VALUES (1, '{"id":"o_1","number":1,"from":3,"count":1,"progress":{}}' || char(10) || '{}')`,
    );
    database.close();
    expect(errorOf(() => openStorage({ storage: folder })).code).toBe('ORRA_STORAGE_DAMAGED');
    track(openDatabase({ storage: folder }));
  });
});
