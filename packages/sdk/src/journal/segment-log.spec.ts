import { SegmentLog } from './segment-log';
import type { SegmentFiles } from './segment-files';

/** Files in memory. Syncs complete when a test says so. */
class FakeSegmentFiles implements SegmentFiles {
  readonly texts = new Map<string, string>();
  readonly syncs: (() => void)[] = [];
  canCreate = true;
  startedAt: number[] = [];

  stored = () =>
    [...this.texts].map(([path, text]) => ({
      path,
      bytes: text.length,
      startedAt: Number(path.split('-')[0]),
      changedAt: 0,
    }));
  read = (path: string): string => this.texts.get(path) ?? '';
  remove = (path: string): void => void this.texts.delete(path);

  create(startedAt: number) {
    if (!this.canCreate) throw new Error('EMFILE');
    const path = `${startedAt}-${this.startedAt.push(startedAt)}`;
    this.texts.set(path, '');
    return {
      path,
      write: (data: Uint8Array, at: number) => {
        this.texts.set(path, `${this.texts.get(path) ?? ''}${Buffer.from(data.subarray(at)).toString()}`);
        return data.length - at;
      },
      sync: (callback: (error: null) => void) => void this.syncs.push(() => callback(null)),
      close: () => undefined,
    };
  }
}

function open(files: FakeSegmentFiles, carriedOver: readonly string[] = [], now = 5) {
  const lines: string[] = [];
  const limits = { segmentBytes: 20, maxBytes: 30, ttlMs: 1_000 };
  const log = new SegmentLog({ ...limits, files, now: () => now, carriedOver: () => carriedOver });
  log.open((line) => lines.push(line));
  return { log, lines };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('segments', () => {
  it('lines that are carried over do not fill a segment, however long they are', async () => {
    const files = new FakeSegmentFiles();
    const { log } = open(files, ['x'.repeat(100)]);
    await log.append('short');
    for (let n = 0; n < 10; n++) await turn();
    expect(files.texts.size).toBe(1);
  });

  it('an old segment is removed only when the disk has what was carried over', async () => {
    const files = new FakeSegmentFiles();
    const { log } = open(files, ['carried']);
    await log.append('a'.repeat(40));
    await turn();
    const [first] = files.texts.keys();
    expect(files.texts.size).toBe(2);
    while (files.syncs.length > 0) files.syncs.shift()?.();
    await turn();
    expect([...files.texts.keys()]).not.toContain(first);
  });

  it('where no segment can be created, the last one goes on', async () => {
    const files = new FakeSegmentFiles();
    const { log } = open(files);
    files.canCreate = false;
    await log.append('a'.repeat(40));
    await log.append('b');
    expect([...files.texts.values()]).toEqual([`${'a'.repeat(40)}\nb\n`]);
  });

  it('a segment is newer than those before it, also after the wall clock was set back', async () => {
    const files = new FakeSegmentFiles();
    open(files, [], 500);
    open(files, [], 100);
    expect(files.startedAt).toEqual([500, 501]);
  });

  it('zeros in place of lines that were lost do not hide the next line', async () => {
    const files = new FakeSegmentFiles();
    files.texts.set('1-1', `first\n${'\0'.repeat(9)}second\n`);
    expect(open(files).lines).toEqual(['first', 'second']);
  });
});
