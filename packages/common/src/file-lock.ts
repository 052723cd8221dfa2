/**
 * A lock file: one process at a time holds it. The file names its holder, so that a lock whose holder has ended is
 * replaced. Of several processes that find such a lock, exactly one acquires it.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';

import { sleep, systemClock } from './clock';
import { readLockHolder, type LockHolder } from './lock-holder';
import { currentProcess } from './process-identity';

export interface FileLock {
  /** Removes the lock file, unless another holder has replaced it. */
  release(): void;
}

/** Interval between attempts, with jitter, so that waiting processes do not retry at the same moment. */
const RETRY_MS = 10;
/** Age after which a lock is stale if its holder cannot be checked: one of another machine, or an incomplete file. */
const UNKNOWN_HOLDER_MS = 5_000;
/** The guard of a stale lock is held for a moment. */
const GUARD_WAIT_MS = 5_000;

/**
 * Creates the lock file `path`, or replaces one whose holder has ended. A lock of this process counts as one of these:
 * where start times are unknown, an earlier process may have had the same pid.
 *
 * @param giveUp called while another process holds the lock; returns true to stop waiting
 * @returns undefined after `giveUp`
 * @throws the file system's error when the file cannot be created
 */
export async function acquireFileLock(
  path: string,
  giveUp: (holder: LockHolder | undefined, waitedMs: number) => boolean,
): Promise<FileLock | undefined> {
  const startedMs = performance.now();
  for (;;) {
    const lock = create(path);
    if (lock) return lock;
    if (isStale(path)) {
      if (!(await removeStale(path))) return undefined;
    } else if (giveUp(readLockHolder(path), performance.now() - startedMs)) return undefined;
    else await sleep(systemClock, RETRY_MS * (0.5 + Math.random()));
  }
}

/** Returns undefined when the file exists. */
function create(path: string): FileLock | undefined {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  const content = JSON.stringify({ ...currentProcess(), token: randomUUID() });
  try {
    writeSync(file, content);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return {
    release() {
      if (contentOf(path) === content) rmSync(path, { force: true });
    },
  };
}

/**
 * Removes a stale lock under a second lock, and checks it again there. Otherwise the slower of two processes could
 * remove the lock that the faster one has just acquired.
 */
async function removeStale(path: string): Promise<boolean> {
  const guard = await acquireFileLock(`${path}.lock`, (_, waitedMs) => waitedMs >= GUARD_WAIT_MS);
  if (!guard) return false;
  try {
    if (isStale(path)) rmSync(path, { force: true });
  } finally {
    guard.release();
  }
  return true;
}

/** Whether the holder of the lock has ended. */
function isStale(path: string): boolean {
  const holder = readLockHolder(path);
  if (holder?.isAlive !== undefined) return holder.isSelf || !holder.isAlive;
  try {
    return Math.abs(Date.now() - statSync(path).mtimeMs) > UNKNOWN_HOLDER_MS;
  } catch {
    // The lock was released in the meantime.
    return false;
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
