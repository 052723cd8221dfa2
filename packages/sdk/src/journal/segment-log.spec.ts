import { ManualClock } from '@orra-ts/common/testing';
import { SegmentLog, type SegmentReports } from './segment-log';
import type { SegmentFiles } from './segment-files';
import { encodeRecords, readSegment } from './segment-format';

const linesOf = (data: Buffer): string[] => {
  const lines: string[] = [];
  readSegment([data], (line) => lines.push(line) > 0);
  return lines;
};

/** Files in memory. Syncs complete when a test says so. */
class FakeSegmentFiles implements SegmentFiles {
  readonly files = new Map<string, Buffer>();
  readonly syncs: ((error?: Error) => void)[] = [];
  createError: Error | undefined;
  writeError: Error | undefined;
  removeError: Error | undefined;
  startedAt: number[] = [];
  changedAt = 0;

  stored = () =>
    [...this.files].map(([path, { length }]) => ({
      path,
      bytes: length,
      startedAt: Number(path.split('-')[0]),
      changedAt: this.changedAt,
    }));
  read = (path: string): Uint8Array[] => [this.files.get(path) as Buffer];

  remove(path: string): void {
    if (this.removeError) throw this.removeError;
    this.files.delete(path);
  }

  create(startedAt: number) {
    if (this.createError) throw this.createError;
    const path = `${startedAt}-${this.startedAt.push(startedAt)}`;
    this.files.set(path, Buffer.alloc(0));
    let isOpen = true;
    const checkOpen = (): void => {
      if (!isOpen) throw new Error('EBADF');
    };
    return {
      path,
      write: (data: Uint8Array, at: number) => {
        checkOpen();
        if (this.writeError) throw this.writeError;
        this.files.set(path, Buffer.concat([this.files.get(path) as Buffer, data.subarray(at)]));
        return data.length - at;
      },
      sync: (callback: (error: Error | null) => void) => {
        checkOpen();
        this.syncs.push((error) => callback(error ?? null));
      },
      close: () => {
        checkOpen();
        isOpen = false;
      },
    };
  }

  completeSyncs(error?: Error): void {
    while (this.syncs.length > 0) this.syncs.shift()?.(error);
  }

  /** The lines of every segment, oldest first. */
  get lines(): string[][] {
    return [...this.files.values()].map(linesOf);
  }
}

const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
const tooManyFiles = Object.assign(new Error('too many open files'), { code: 'EMFILE' });
const TTL_MS = 1_000_000;

async function setUp({ carried = [] as string[], segmentBytes = 60, now = 5 } = {}) {
  const files = new FakeSegmentFiles();
  const reports: unknown[][] = [];
  const report =
    (kind: string) =>
    (...values: unknown[]): void =>
      void reports.push([kind, ...values]);
  const clock = new ManualClock(now);
  let stored = 0;
  const open = (): { log: SegmentLog; read: string[] } => {
    const read: string[] = [];
    const log = new SegmentLog({
      files,
      segmentBytes,
      maxBytes: 120,
      ttlMs: TTL_MS,
      clock,
      carriedOver: () => ({ lines: carried, stored: () => stored++ }),
      reports: Object.fromEntries(
        ['damaged', 'notRemoved', 'failed', 'recovered'].map((kind) => [kind, report(kind)]),
      ) as unknown as SegmentReports,
    });
    log.read((line) => read.push(line) > 0);
    log.open();
    return { log, read };
  };
  return { files, reports, clock, open, storedCount: () => stored };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('segments', () => {
  it('what is carried over does not fill a segment, and as much again is written before it is repeated', async () => {
    const { files, open } = await setUp({ carried: ['x'.repeat(1_000)] });
    const { log } = open();
    for (let n = 0; n < 9; n++) await log.append('y'.repeat(80));
    expect(files.files.size).toBe(1);
    for (let n = 0; n < 9; n++) await log.append('y'.repeat(80));
    expect(files.files.size).toBe(2);
  });

  it('all lines of a turn, also those that wait for the disk, share one write', async () => {
    const { files, open } = await setUp({ segmentBytes: 1_000 });
    const { log } = open();
    const sync = log.appendSynced('a');
    await Promise.all([log.append('b'), log.append('c'), turn().then(() => files.completeSyncs()), sync]);
    expect([...files.files.values()].map(String)).toEqual([String(Buffer.concat([...encodeRecords(['a', 'b', 'c'])]))]);
  });

  it('an old segment is removed only when the disk has what was carried over', async () => {
    const { files, open } = await setUp({ carried: ['carried'] });
    const { log } = open();
    await log.append('a'.repeat(100));
    const [first] = files.files.keys();
    expect(files.files.size).toBe(2);
    files.completeSyncs();
    await turn();
    expect([...files.files.keys()]).not.toContain(first);
  });

  it('a start removes segments beyond the budget too', async () => {
    const { files, open } = await setUp({ carried: ['x'.repeat(100)] });
    for (let n = 0; n < 5; n++) {
      open();
      files.completeSyncs();
      await turn();
    }
    expect(files.files.size).toBe(1);
  });

  it('a segment is read once more after its TTL, and removed when the disk has what is carried over', async () => {
    const { files, open, clock } = await setUp();
    await open().log.append('old');
    clock.jumpWallClock(TTL_MS + 1);
    expect(open().read).toEqual(['old']);
    expect(files.lines).toContainEqual(['old']);
    files.completeSyncs();
    await turn();
    expect(files.lines).not.toContainEqual(['old']);
  });

  it('a segment is newer than those before it, also after the wall clock was set back', async () => {
    const { files, open, clock } = await setUp({ now: 500 });
    open();
    clock.jumpWallClock(-400);
    open();
    expect(files.startedAt).toEqual([500, 501]);
  });

  it('a segment that cannot be removed is reported, and is tried again', async () => {
    const { files, open, reports } = await setUp({ carried: ['carried'] });
    const { log } = open();
    files.removeError = new Error('busy');
    await log.append('a'.repeat(200));
    files.completeSyncs();
    await turn();
    expect(reports).toEqual([['notRemoved', '5-1', files.removeError]]);
    files.removeError = undefined;
    await log.append('a'.repeat(200));
    files.completeSyncs();
    await turn();
    expect([...files.files.keys()]).not.toContain('5-1');
  });

  it('acknowledgements without other writes do not pile up in memory', async () => {
    const { files, open } = await setUp({ segmentBytes: 1e6 });
    const { log } = open();
    for (let n = 0; n < 1_500; n++) log.appendLazily('ack');
    await turn();
    expect(files.lines[0]?.length).toBeGreaterThan(1_000);
  });
});

describe('trouble with the files', () => {
  it('where the next segment cannot be begun, the last one goes on, and the next is tried again', async () => {
    const { files, open, clock, reports } = await setUp();
    const { log } = open();
    files.createError = tooManyFiles;
    await log.append('a'.repeat(100));
    await log.append('b');
    expect(files.lines).toEqual([['a'.repeat(100), 'b']]);
    expect(log.failure).toMatchObject({ error: tooManyFiles });
    expect(reports).toEqual([['failed', tooManyFiles, 1_000, true]]);
    files.createError = undefined;
    await clock.advance(1_000);
    files.completeSyncs();
    await log.append('c');
    expect(files.lines.at(-1)).toEqual(['c']);
    expect(log.failure).toBeUndefined();
    expect(reports).toHaveLength(2);
  });

  it('a failed write rejects its lines, and ends its segment; the next one begins with what is carried over', async () => {
    const { files, open, clock, reports, storedCount } = await setUp({ carried: ['carried'] });
    const { log } = open();
    files.completeSyncs();
    await turn();
    files.writeError = full;
    await expect(log.append('a')).rejects.toBe(full);
    files.writeError = undefined;
    await expect(log.appendSynced('b')).rejects.toBe(full);
    expect([log.failure?.error, storedCount()]).toEqual([full, 1]);
    await clock.advance(1_000);
    files.completeSyncs();
    await log.append('c');
    expect(files.lines).toEqual([['carried'], ['carried', 'c']]);
    expect([log.failure, storedCount()]).toEqual([undefined, 2]);
    expect(reports.map(([kind]) => kind)).toEqual(['failed', 'recovered']);
  });

  it('a failed sync ends the segment: later syncs do not store what it should have stored', async () => {
    const { files, open, clock } = await setUp({ carried: ['carried'] });
    const { log } = open();
    files.completeSyncs();
    const synced = log.appendSynced('a');
    await turn();
    files.completeSyncs(full);
    await expect(synced).rejects.toBe(full);
    expect(log.failure?.error).toBe(full);
    await clock.advance(1_000);
    expect(files.lines).toEqual([['carried', 'a'], ['carried']]);
  });

  it('tries less and less often, at most every 30 seconds, and leaves no half-written segment', async () => {
    const { files, open, clock, reports } = await setUp({ carried: ['carried'] });
    const { log } = open();
    files.writeError = full;
    await expect(log.append('a')).rejects.toBe(full);
    await clock.advance(120_000);
    expect(reports.map(([, , retryMs]) => retryMs)).toEqual([1, 2, 4, 8, 16, 30, 30, 30].map((s) => s * 1_000));
    expect(files.files.size).toBe(1);
  });

  it('a first segment that cannot be begun now does not prevent the start, one that never can does', async () => {
    const { files, open, clock } = await setUp();
    files.createError = full;
    const { log } = open();
    expect(log.failure?.error).toBe(full);
    files.createError = undefined;
    await clock.advance(1_000);
    await log.append('a');
    expect(files.lines).toEqual([['a']]);
    files.createError = Object.assign(new Error('read-only'), { code: 'EROFS' });
    expect(open).toThrow('read-only');
  });

  it('damage in the middle of a segment is reported, and an incomplete end is not', async () => {
    const { files, open, reports } = await setUp();
    const [data] = [...encodeRecords(['a'])] as [Buffer];
    files.files.set('1-1', Buffer.concat([data.fill('X', 19, 20), ...encodeRecords(['b']), data.subarray(0, 5)]));
    expect(open().read).toEqual(['b']);
    expect(reports).toEqual([['damaged', '1-1', 1]]);
  });

  it('a segment that the disk cannot read is reported, and the others are read', async () => {
    const { files, open, reports } = await setUp();
    files.files.set('1-1', Buffer.alloc(0));
    files.files.set('2-1', Buffer.concat([...encodeRecords(['b'])]));
    const read = files.read;
    files.read = (path) => {
      if (path === '1-1') throw Object.assign(new Error('input/output error'), { code: 'EIO' });
      return read(path);
    };
    expect(open().read).toEqual(['b']);
    expect(reports).toEqual([['damaged', '1-1', 1]]);
  });
});
