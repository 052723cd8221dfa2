/**
 * A lock for short work: a second process waits.
 *
 * The identity lock of the SDK is different: it is held while a service runs, and a second process gets an error.
 */
import { acquireFileLock, readLockHolder } from '@orra-ts/common/files';
import { CliError } from '../errors';

/** Many commands may wait for the lock. Each holds it for some milliseconds. */
const WAIT_MS = 10_000;

/**
 * Runs synchronous work while holding `<path>.lock`.
 *
 * @throws CliError `ORRA_CONFIG_LOCKED` when the holder does not release the lock in time; errors of the work, and of the
 * file system when the lock cannot be written
 */
export async function withFileLock<T>(path: string, work: () => T, { waitMs = WAIT_MS } = {}): Promise<T> {
  const lockPath = `${path}.lock`;
  const lock = await acquireFileLock(lockPath, (_, waitedMs) => waitedMs >= waitMs);
  if (!lock) throw lockedError(path, lockPath);
  try {
    return work();
  } finally {
    lock.release();
  }
}

function lockedError(path: string, lock: string): CliError {
  const holder = readLockHolder(lock);
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new CliError('ORRA_CONFIG_LOCKED', `${path} is locked by ${who}, which does not release it`, {
    next: `run the command again; if that process is not orra, remove ${lock} first`,
  });
}
