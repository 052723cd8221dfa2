import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrchestrationId, OrchestrationStatus, ProjectId } from '@orra-ts/protocol';
import type { OrchestrationEvent } from '../src/domain/orchestration/events';
import type { Append, StoredOrchestration } from '../src/journal/journal';
import { SqliteJournal, type SqliteJournalOptions } from '../src/journal/sqlite-journal';
import { openDatabase } from '../src/storage/open-database';
import type { SqlDatabase } from '../src/storage/sql-driver';

const PROJECT = 'p_shop' as ProjectId;

const idOf = (name: string): OrchestrationId => `o_${name}` as OrchestrationId;

/** Events are opaque to the journal; these carry text that needs care: line breaks, quotes, other scripts. */
const event = (at: number, size = 0): OrchestrationEvent => ({
  type: 'task_updated',
  at,
  taskId: 'task1',
  id: `u${at}`,
  data: { text: `"Zeile"\n${at}\u2028 ürün, \\n, \u0000`, filler: 'x'.repeat(size) },
});

const events = (from: number, count: number, size = 0): OrchestrationEvent[] =>
  Array.from({ length: count }, (_, index) => event(from + index, size));

describe('SqliteJournal', () => {
  let folder: string;
  let database: SqlDatabase;
  let journal: SqliteJournal;
  const open = (storage = folder, options?: SqliteJournalOptions): void => {
    database = openDatabase({ storage });
    journal = new SqliteJournal(database, options);
  };
  const reopen = (options?: SqliteJournalOptions): void => {
    database.close();
    open(folder, options);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orra-journal-'));
    open();
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface AppendSpec {
    readonly from?: number;
    readonly count?: number;
    readonly size?: number;
    readonly open?: boolean;
    readonly status?: OrchestrationStatus;
    readonly changedAt?: number;
    readonly projectId?: ProjectId;
    readonly epoch?: number;
    readonly shard?: number;
    readonly error?: unknown;
  }
  const append = (name: string, spec: AppendSpec = {}): Append => {
    const { from = 0, count = 1, size, open: stays = true, changedAt = 1000 + from } = spec;
    return {
      shard: spec.shard ?? 0,
      epoch: spec.epoch ?? journal.epoch,
      orchestrationId: idOf(name),
      projectId: spec.projectId ?? PROJECT,
      expectedSequence: from,
      events: events(from, count, size),
      summary: {
        status: spec.status ?? (stays ? 'processing' : 'completed'),
        action: `Do ${name}`,
        submittedAt: 1000,
        changedAt,
        ...('error' in spec && { error: spec.error }),
      },
      open: stays,
    };
  };
  const openOnes = async (): Promise<StoredOrchestration[]> => {
    const found: StoredOrchestration[] = [];
    for await (const stored of journal.open()) found.push(stored);
    return found;
  };
  const openNames = async (): Promise<string[]> => (await openOnes()).map(({ id }) => id.slice(2));
  const listed = async (limit?: number): Promise<string[]> =>
    (await journal.list(PROJECT, { limit })).map(({ id }) => id.slice(2));
  const loaded = async (name: string): Promise<readonly OrchestrationEvent[] | undefined> =>
    (await journal.load(idOf(name)))?.events;
  const rows = (table: string): number => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);

  describe('append', () => {
    it('writes one row for a group of many appends, more only when it is long', async () => {
      await journal.append(Array.from({ length: 100 }, (_, index) => append(`o${index}`, { count: 2 })));
      expect(rows('log')).toBe(1);
      expect(rows('orchestrations')).toBe(0);
      await journal.append(Array.from({ length: 10 }, (_, index) => append(`p${index}`, { size: 40_000 })));
      expect(rows('log')).toBe(1 + 5);
      for (const name of ['p0', 'p9']) expect(await loaded(name)).toEqual(events(0, 1, 40_000));
    });
  });

  describe('epoch', () => {
    it('fences an owner that another one has replaced on the same store', async () => {
      const successor = new SqliteJournal(database);
      expect(await journal.append([append('a')])).toEqual([{ kind: 'fenced' }]);
      expect(await successor.append([append('a', { epoch: successor.epoch })])).toEqual([{ kind: 'committed' }]);
    });
  });

  describe('a start', () => {
    const settled = (): number =>
      Number(database.prepare(`SELECT value FROM meta WHERE name = 'settled'`).get()?.value);
    const unsettledSize = (): number =>
      Number(database.prepare('SELECT sum(length(members)) AS n FROM log WHERE id > ?').get(settled())?.n);

    it('does not read log rows whose orchestrations are closed', async () => {
      for (let index = 0; index < 200; index += 1) {
        await journal.append([append(`o${index}`, { count: 2 })]);
        await journal.append([append(`o${index}`, { from: 2, open: false })]);
      }
      expect(settled()).toBeGreaterThan(rows('log') - 140);
      reopen();
      expect(await openNames()).toEqual([]);
      expect(await loaded('o0')).toEqual(events(0, 3));
      expect(await loaded('o199')).toEqual(events(0, 3));
    });

    it('need not read everything since the oldest that is still open', async () => {
      reopen({ replayLimit: 100_000 });
      await journal.append([append('long', { count: 2 })]);
      for (let index = 0; index < 300; index += 1) {
        await journal.append([append(`o${index}`, { size: 1000, open: false })]);
      }
      expect(unsettledSize()).toBeLessThan(250_000);
      expect(await loaded('long')).toEqual(events(0, 2));
      reopen({ replayLimit: 100_000 });
      expect(await openNames()).toEqual(['long']);
      await journal.append([append('long', { from: 2 })]);
      reopen();
      expect(await loaded('long')).toEqual(events(0, 3));
      await journal.append([append('long', { from: 3, open: false })]);
      expect(await loaded('long')).toEqual(events(0, 4));
      expect(await openNames()).toEqual([]);
    });

    it('has a bound when all stay open and all go on', async () => {
      reopen({ replayLimit: 50_000 });
      const names = Array.from({ length: 20 }, (_, index) => `o${index}`);
      for (let round = 0; round < 40; round += 1) {
        await journal.append(names.map((name) => append(name, { from: round, size: 200 })));
      }
      expect(unsettledSize()).toBeLessThan(150_000);
      reopen();
      expect(await openNames()).toEqual(names);
      for (const name of names) expect(await loaded(name)).toEqual(events(0, 40, 200));
    });

    it('finds one that several old rows were read for, while others were appended to', async () => {
      reopen({ replayLimit: 10_000 });
      for (let from = 0; from < 4; from += 1) await journal.append([append('long', { from, size: 2000 })]);
      for (let index = 0; index < 10; index += 1) await journal.append([append(`o${index}`, { size: 2000 })]);
      expect(rows('orchestrations')).toBeGreaterThan(0);
      reopen();
      expect(await loaded('long')).toEqual(events(0, 4, 2000));
      expect(await openNames()).toEqual(['long', ...Array.from({ length: 10 }, (_, index) => `o${index}`)]);
    });

    it('goes on with its counters when nothing is open', async () => {
      reopen({ replayLimit: 0 });
      for (const name of ['a', 'b', 'c']) await journal.append([append(name, { open: false })]);
      reopen();
      await journal.append([append('d')]);
      await journal.append([append('e')]);
      reopen();
      expect(await openNames()).toEqual(['d', 'e']);
      expect(await listed()).toEqual(['e', 'd', 'c', 'b', 'a']);
    });
  });

  describe('an orchestration with very many appends', () => {
    const rowsOf = (name: string): number =>
      (
        JSON.parse(
          String(database.prepare('SELECT log_rows FROM orchestrations WHERE id = ?').get(idOf(name))?.log_rows),
        ) as []
      ).length;

    it('is kept together: it is read from few rows', async () => {
      for (let from = 0; from < 200; from += 1) {
        await journal.append([append(`before${from}`), append('busy', { from }), append(`after${from}`)]);
        if (from === 100) reopen();
      }
      expect(await loaded('busy')).toEqual(events(0, 200));
      await journal.append([append('busy', { from: 200, open: false })]);
      expect(rowsOf('busy')).toBeLessThan(45);
      reopen();
      expect(await loaded('busy')).toEqual(events(0, 201));
      await journal.append([append('busy', { from: 201 })]);
      reopen();
      expect(await loaded('busy')).toEqual(events(0, 202));
    });

    it('is not written twice when its events are large', async () => {
      const size = 40_000;
      for (let from = 0; from < 40; from += 1) await journal.append([append('large', { from, size })]);
      expect(Number(database.prepare('SELECT sum(length(members)) AS n FROM log').get()?.n)).toBeLessThan(41 * size);
      reopen();
      expect(await loaded('large')).toEqual(events(0, 40, size));
    });
  });

  describe('failures', () => {
    const allowGrowth = (allowed: boolean): void => {
      const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count);
      database.exec(`PRAGMA max_page_count = ${allowed ? 1_000_000 : pages}`);
    };

    it('stores nothing of a group when the disk is full, keeps its bookkeeping, and works again when there is room', async () => {
      await journal.append([append('a', { count: 2 }), append('b')]);
      allowGrowth(false);
      const group = (): Append[] => [append('a', { from: 2, open: false }), append('big', { count: 50, size: 10_000 })];
      const failure = journal.append(group());
      await expect(failure).rejects.toMatchObject({ code: 'ORRA_JOURNAL_WRITE_FAILED', retryable: true });
      await expect(failure).rejects.toThrow(/full.*STORAGE_PATH/s);
      expect(await openNames()).toEqual(['a', 'b']);
      expect(await loaded('a')).toEqual(events(0, 2));
      expect(await loaded('big')).toBeUndefined();
      allowGrowth(true);
      expect(await journal.append(group())).toEqual([{ kind: 'committed' }, { kind: 'committed' }]);
      reopen();
      expect(await openNames()).toEqual(['b', 'big']);
      expect(await loaded('a')).toEqual(events(0, 3));
    });

    it('forgets what it read of a group that could not be written', async () => {
      for (let from = 0; from < 31; from += 1) await journal.append([append('busy', { from, size: 10_000 })]);
      // Room for the append, but not for bringing the events of all of them together.
      const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count);
      database.exec(`PRAGMA max_page_count = ${pages + 20}`);
      await expect(journal.append([append('busy', { from: 31, size: 10_000 })])).rejects.toThrow(/full/);
      allowGrowth(true);
      await journal.append([append('other')]);
      expect(await loaded('other')).toEqual(events(0, 1));
      expect(await loaded('busy')).toEqual(events(0, 31, 10_000));
    });

    it('says so when the log does not fit together', async () => {
      await journal.append([append('a')]);
      await journal.append([append('a', { from: 1 })]);
      await journal.append([append('a', { from: 2 })]);
      database.exec('DELETE FROM log WHERE id = 2');
      database.close();
      const damaged = openDatabase({ storage: folder });
      expect(() => new SqliteJournal(damaged)).toThrow(expect.objectContaining({ code: 'ORRA_STORAGE_DAMAGED' }));
      damaged.close();
      open(mkdtempSync(join(folder, 'next-')));
    });

    it('says so when events of an orchestration cannot be found', async () => {
      await journal.append([append('a')]);
      await journal.append([append('a', { from: 1, open: false })]);
      database.exec('DELETE FROM log WHERE id = 2');
      await expect(journal.load(idOf('a'))).rejects.toMatchObject({
        code: 'ORRA_STORAGE_DAMAGED',
        details: { found: 1, expected: 2 },
      });
    });

    it('has everything it acknowledged in a copy of the files made without closing it, as a crash leaves them', async () => {
      await journal.append([append('a', { count: 2 }), append('b', { open: false })]);
      await journal.append([append('a', { from: 2 })]);
      const copy = join(folder, 'copy');
      for (const file of ['engine.db', 'engine.db-wal']) cpSync(join(folder, file), join(copy, file));
      database.close();
      open(copy);
      expect(await openNames()).toEqual(['a']);
      expect(await loaded('a')).toEqual(events(0, 3));
      expect(await loaded('b')).toEqual(events(0, 1));
    });
  });
});
