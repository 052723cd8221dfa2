/** The lock of the config file: acquiring, waiting, and stale locks. */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from '../src/config/file-lock';

let folder: string;
let path: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orra-lock-'));
  path = join(folder, 'config.json');
  lock = `${path}.lock`;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockOf = (pid: number, host = hostname()): void => writeFileSync(lock, JSON.stringify({ pid, host }));
/** Larger than any pid on Linux and macOS. */
const NOBODY = 2 ** 22 + 1;

it('names its holder during the work, is readable for its owner only, and is removed afterwards', async () => {
  const seen = await withFileLock(path, () => [JSON.parse(readFileSync(lock, 'utf8')), statSync(lock).mode & 0o777]);
  expect(seen).toEqual([expect.objectContaining({ pid: process.pid, host: hostname() }), 0o600]);
  expect(readdirSync(folder)).toEqual([]);
});

it('is released when the work fails', async () => {
  const work = withFileLock(path, () => {
    throw new Error('no');
  });
  await expect(work).rejects.toThrow('no');
  expect(existsSync(lock)).toBe(false);
});

it('is waited for while its holder runs', async () => {
  lockOf(process.ppid);
  let isDone = false;
  const work = withFileLock(path, () => (isDone = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isDone).toBe(false);
  rmSync(lock);
  await work;
  expect(isDone).toBe(true);
});

it('is waited for up to a limit; then the error names the holder and the file', async () => {
  lockOf(process.ppid);
  await expect(withFileLock(path, () => undefined, { waitMs: 50 })).rejects.toMatchObject({
    code: 'ORRA_CONFIG_LOCKED',
    exitCode: 1,
    message: `${path} is locked by process ${process.ppid} on ${hostname()}, which does not release it`,
    next: expect.stringContaining(`remove ${lock}`) as string,
  });
  expect(existsSync(lock)).toBe(true);
});

it.each([
  ['a process that is no more', () => lockOf(NOBODY)],
  ['an earlier process with this pid', () => lockOf(process.pid)],
])('is acquired from %s', async (_, leave) => {
  leave();
  expect(await withFileLock(path, () => 'done', { waitMs: 1_000 })).toBe('done');
  expect(readdirSync(folder)).toEqual([]);
});

it('is acquired even if another process died while acquiring it', async () => {
  lockOf(NOBODY);
  writeFileSync(`${lock}.lock`, readFileSync(lock));
  expect(await withFileLock(path, () => 'done', { waitMs: 1_000 })).toBe('done');
  expect(readdirSync(folder)).toEqual([]);
});

describe.each([
  ['of another machine', () => lockOf(1, 'elsewhere.test')],
  ['without a holder, as somebody leaves it who is killed at once', () => writeFileSync(lock, '')],
])('a lock %s', (_, leave) => {
  it('is not stale at first', async () => {
    leave();
    await expect(withFileLock(path, () => undefined, { waitMs: 50 })).rejects.toMatchObject({
      code: 'ORRA_CONFIG_LOCKED',
    });
  });

  it('is stale when it is old', async () => {
    leave();
    const old = Date.now() / 1_000 - 60;
    utimesSync(lock, old, old);
    expect(await withFileLock(path, () => 'done', { waitMs: 1_000 })).toBe('done');
  });
});

it('errors of the file system pass through', async () => {
  await expect(withFileLock(join(folder, 'none', 'config.json'), () => undefined)).rejects.toMatchObject({
    code: 'ENOENT',
  });
});
