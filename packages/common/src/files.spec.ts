import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireFileLock, readLockHolder, writeFileAtomic, writeFileAtomicSync } from './files';

/** Above the pids of Linux and macOS. */
const UNUSED_PID = 2 ** 22 + 1;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orra-files-'));
  path = join(folder, 'file.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['writeFileAtomic', writeFileAtomic],
  ['writeFileAtomicSync', async (...args: Parameters<typeof writeFileAtomicSync>) => writeFileAtomicSync(...args)],
] as const)('%s', (_name, write) => {
  it('replaces the file and leaves no other files', async () => {
    await write(path, 'old');
    await write(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['file.json']);
  });

  it('creates files that only their owner can read, unless a mode is given', async () => {
    await write(path, 'secret');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await write(path, 'shared', { mode: 0o400 });
    expect(statSync(path).mode & 0o777).toBe(0o400);
  });

  it('keeps the target and leaves no temporary file if it fails', async () => {
    await write(path, 'old');
    // A folder cannot be replaced by a file.
    await expect(write(folder, 'new')).rejects.toThrow();
    await expect(write(join(folder, 'missing', 'file.json'), 'new')).rejects.toThrow('ENOENT');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file.json']);
    expect(() => statSync(`${folder}.${process.pid}.tmp`)).toThrow('ENOENT');
  });
});

describe('the holder of a lock file', () => {
  const holderOf = (content: unknown): ReturnType<typeof readLockHolder> => {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return readLockHolder(path);
  };

  it('is the process that wrote it', async () => {
    await acquireFileLock(path, () => true);
    expect(readLockHolder(path)).toMatchObject({ pid: process.pid, host: hostname(), isSelf: true, isAlive: true });
  });

  it('is alive, dead or, on another machine, unknown', () => {
    expect(holderOf({ pid: process.ppid, host: hostname() })).toMatchObject({ isSelf: false, isAlive: true });
    expect(holderOf({ pid: UNUSED_PID, host: hostname() })).toMatchObject({ isSelf: false, isAlive: false });
    expect(holderOf({ pid: process.pid, host: 'elsewhere' })).toMatchObject({ isSelf: false, isAlive: undefined });
  });

  it.each([['{"pid":1'], ['null'], ['[]'], ['{"pid":"1","host":"a"}'], ['']])('is not known from %j', (content) => {
    expect(holderOf(content)).toBeUndefined();
  });

  it('is not known without the file', () => {
    expect(readLockHolder(path)).toBeUndefined();
  });
});
