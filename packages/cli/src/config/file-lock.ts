/**
 * A lock file that names its holder, for short work: a second process waits.
 *
 * The identity lock of the SDK is different: it is held while a service runs, and a second process gets an error.
 */
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { sleep, systemClock } from '@orra-ts/common';
import { ownLockContent, readLockHolder } from '@orra-ts/common/files';
import { CliError } from '../errors';

/** Many commands may wait for the lock. Each holds it for some milliseconds. */
const WAIT_MS = 10_000;
/** Interval between attempts, with jitter, so that waiting processes do not retry at the same moment. */
const RETRY_MS = 10;
/** Age after which a lock is stale if its holder cannot be checked: one of another machine, or an incomplete file. */
const UNKNOWN_HOLDER_MS = 5_000;

/**
 * Runs synchronous work while holding `<path>.lock`. A lock with the pid of this process is always stale, left by an earlier
 * process, because containers reuse pids.
 *
 * @throws CliError `ORRA_CONFIG_LOCKED` when the holder does not release the lock in time; errors of the work, and of the
 * file system when the lock cannot be written
 */
export async function withFileLock<T>(path: string, work: () => T, { waitMs = WAIT_MS } = {}): Promise<T> {
  const lock = `${path}.lock`;
  const endMs = performance.now() + waitMs;
  while (!tryAcquire(lock)) {
    const leftMs = endMs - performance.now();
    if (leftMs <= 0) throw lockedError(path, lock);
    // Remove a stale lock under a second lock, and check it again: otherwise the slower of two processes could remove the
    // lock that the faster one has just acquired.
    if (isStale(lock))
      await withFileLock(lock, () => isStale(lock) && rmSync(lock, { force: true }), { waitMs: leftMs });
    else await sleep(systemClock, RETRY_MS * (0.5 + Math.random()));
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Returns false when another process holds the lock. */
function tryAcquire(lock: string): boolean {
  let file: number;
  try {
    file = openSync(lock, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(file, ownLockContent());
    return true;
  } catch (error) {
    rmSync(lock, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Whether the holder of the lock has ended. */
function isStale(lock: string): boolean {
  try {
    const holder = readLockHolder(lock);
    if (holder?.isAlive !== undefined) return holder.isSelf || !holder.isAlive;
    return Date.now() - statSync(lock).mtimeMs > UNKNOWN_HOLDER_MS;
  } catch {
    // The lock was released in the meantime.
    return false;
  }
}

function lockedError(path: string, lock: string): CliError {
  const holder = readLockHolder(lock);
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new CliError('ORRA_CONFIG_LOCKED', `${path} is locked by ${who}, which does not release it`, {
    next: `run the command again; if that process is not orra, remove ${lock} first`,
  });
}
