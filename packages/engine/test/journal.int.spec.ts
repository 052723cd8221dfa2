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
const OTHER_PROJECT = 'p_other' as ProjectId;

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
    it('gives back what was appended, before and after it is closed and after a restart', async () => {
      expect(await journal.append([append('a', { count: 3 })])).toEqual([{ kind: 'committed' }]);
      expect(await journal.load(idOf('a'))).toEqual({ id: idOf('a'), projectId: PROJECT, events: events(0, 3) });
      await journal.append([append('a', { from: 3, count: 2 })]);
      reopen();
      expect(await loaded('a')).toEqual(events(0, 5));
      await journal.append([append('a', { from: 5, open: false })]);
      expect(await loaded('a')).toEqual(events(0, 6));
      reopen();
      expect(await loaded('a')).toEqual(events(0, 6));
    });

    it('knows nothing of an orchestration that was never appended to, whatever its id', async () => {
      expect(await journal.load(idOf('nobody'))).toBeUndefined();
      expect(await journal.load('o_\0' as OrchestrationId)).toBeUndefined();
    });

    it('commits the others of a group when one conflicts, and says what is stored of that one', async () => {
      await journal.append([append('a', { count: 2 }), append('done', { count: 4, open: false })]);
      const outcomes = await journal.append([
        append('b'),
        append('a', { from: 1 }),
        append('done', { from: 0 }),
        append('new', { from: 7 }),
        append('c', { count: 2 }),
      ]);
      expect(outcomes).toEqual([
        { kind: 'committed' },
        { kind: 'conflict', sequence: 2 },
        { kind: 'conflict', sequence: 4 },
        { kind: 'conflict', sequence: 0 },
        { kind: 'committed' },
      ]);
      reopen();
      expect(await loaded('a')).toEqual(events(0, 2));
      expect(await loaded('done')).toEqual(events(0, 4));
      expect(await loaded('new')).toBeUndefined();
      expect(await openNames()).toEqual(['a', 'b', 'c']);
    });

    it('takes several appends of one orchestration in one group, each after the one before', async () => {
      const outcomes = await journal.append([
        append('a', { count: 2 }),
        append('a', { from: 2, open: false }),
        append('a', { from: 2 }),
        append('a', { from: 3, open: true }),
      ]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['committed', 'committed', 'conflict', 'committed']);
      reopen();
      expect(await loaded('a')).toEqual(events(0, 4));
      expect(await openNames()).toEqual(['a']);
    });

    it('writes one row for a group of many appends, more only when it is long', async () => {
      await journal.append(Array.from({ length: 100 }, (_, index) => append(`o${index}`, { count: 2 })));
      expect(rows('log')).toBe(1);
      expect(rows('orchestrations')).toBe(0);
      await journal.append(Array.from({ length: 10 }, (_, index) => append(`p${index}`, { size: 40_000 })));
      expect(rows('log')).toBe(1 + 5);
      for (const name of ['p0', 'p9']) expect(await loaded(name)).toEqual(events(0, 1, 40_000));
    });

    it('refuses an append without events, and with it the whole call', async () => {
      await expect(journal.append([append('a'), append('b', { count: 0 })])).rejects.toThrow(TypeError);
      expect(await loaded('a')).toBeUndefined();
    });
  });

  describe('epoch', () => {
    it('counts the starts', () => {
      const first = journal.epoch;
      reopen();
      expect(journal.epoch).toBe(first + 1);
    });

    it('fences an append of an earlier start, and of a shard it has not got', async () => {
      const before = append('a');
      reopen();
      expect(await journal.append([before, append('b'), append('c', { shard: 1 })])).toEqual([
        { kind: 'fenced' },
        { kind: 'committed' },
        { kind: 'fenced' },
      ]);
      expect(await openNames()).toEqual(['b']);
    });

    it('fences an owner that another one has replaced on the same store', async () => {
      const successor = new SqliteJournal(database);
      expect(await journal.append([append('a')])).toEqual([{ kind: 'fenced' }]);
      expect(await successor.append([append('a', { epoch: successor.epoch })])).toEqual([{ kind: 'committed' }]);
    });
  });

  describe('open orchestrations', () => {
    it('come in order of submission after a restart, without those that are closed', async () => {
      await journal.append(['z', 'm', 'a', 'k'].map((name) => append(name)));
      await journal.append([append('m', { from: 1, open: false }), append('z', { from: 1 })]);
      reopen();
      expect(await openNames()).toEqual(['z', 'a', 'k']);
    });

    it('are open again when something is appended after they were closed, in their old place', async () => {
      await journal.append([append('a', { count: 2, open: false }), append('b')]);
      reopen();
      await journal.append([append('a', { from: 2, status: 'failed' })]);
      for (const restart of [false, true]) {
        if (restart) reopen();
        expect(await openNames()).toEqual(['a', 'b']);
        expect(await loaded('a')).toEqual(events(0, 3));
        expect(await listed()).toEqual(['a', 'b']);
      }
      await journal.append([append('a', { from: 3, open: false, status: 'failed' })]);
      reopen();
      expect(await openNames()).toEqual(['b']);
      expect(await loaded('a')).toEqual(events(0, 4));
    });

    it('are left out when they are closed while others are handed over', async () => {
      await journal.append(['a', 'b', 'c'].map((name) => append(name)));
      const seen: string[] = [];
      for await (const { id } of journal.open()) {
        seen.push(id);
        if (seen.length === 1) await journal.append([append('b', { from: 1, open: false })]);
      }
      expect(seen).toEqual([idOf('a'), idOf('c')]);
    });
  });

  describe('list', () => {
    it('has open and closed ones of the project, newest change first, newest submission first of equals', async () => {
      await journal.append([
        append('closed-old', { open: false, changedAt: 10 }),
        append('open-old', { changedAt: 20 }),
        append('closed-new', { open: false, changedAt: 40 }),
        append('open-new', { changedAt: 30 }),
        append('tie-1', { changedAt: 25 }),
        append('tie-2', { open: false, changedAt: 25 }),
        append('elsewhere', { projectId: OTHER_PROJECT, changedAt: 99 }),
      ]);
      const expected = ['closed-new', 'open-new', 'tie-2', 'tie-1', 'open-old', 'closed-old'];
      expect(await listed()).toEqual(expected);
      for (const limit of [1, 3, 6]) expect(await listed(limit)).toEqual(expected.slice(0, limit));
      reopen();
      expect(await listed()).toEqual(expected);
      expect(await listed(4)).toEqual(expected.slice(0, 4));
    });

    it('shows the newest summary, before and after a restart, with what is gone from it gone', async () => {
      await journal.append([append('a', { error: 'first attempt failed' })]);
      await journal.append([append('a', { from: 1, changedAt: 2000 })]);
      const expected = [{ id: idOf('a'), status: 'processing', action: 'Do a', submittedAt: 1000, changedAt: 2000 }];
      expect(await journal.list(PROJECT)).toEqual(expected);
      reopen();
      expect(await journal.list(PROJECT)).toEqual(expected);
      expect((await journal.list(PROJECT))[0]).not.toHaveProperty('error');
    });

    it('shows one closed orchestration once when it is open again', async () => {
      await journal.append([append('a', { open: false })]);
      await journal.append([append('a', { from: 1 })]);
      expect(await listed()).toEqual(['a']);
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

    it('refuses to work once it is closed', async () => {
      await journal.append([append('a')]);
      await journal.close();
      await expect(journal.append([append('b')])).rejects.toMatchObject({ code: 'ORRA_JOURNAL_WRITE_FAILED' });
      await expect(journal.load(idOf('a'))).rejects.toMatchObject({ code: 'ORRA_STORAGE_CLOSED' });
      await expect(journal.list(PROJECT)).rejects.toMatchObject({ code: 'ORRA_STORAGE_CLOSED' });
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
