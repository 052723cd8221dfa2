/**
 * One process at a time, by a lock file that names its holder. Made for work of a moment: whoever comes second waits.
 *
 * The identity lock of the SDK is another thing: it is held for as long as a service runs, and a second one must be told.
 */
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { sleep, systemClock } from '@orra-ts/common';
import { ownLockContent, readLockHolder } from '@orra-ts/common/files';
import { CliError } from '../errors';

/** Many commands may be in a queue; each needs some milliseconds. */
const WAIT_MS = 10_000;
/** Between two looks, varied so that those who wait do not look at the same moment. */
const LOOK_MS = 10;
/** After so long a lock counts as left whose holder cannot be asked: one of another machine, or not written to its end. */
const UNKNOWN_HOLDER_MS = 5_000;

/**
 * Does the work while it holds `<path>.lock`. The work is done in one go, so a lock of this very pid is always one that an
 * earlier process left (containers give the same pids again).
 *
 * @throws CliError `ORRA_CONFIG_LOCKED` when the holder does not end in time; whatever the work throws, and errors of the
 * file system when the lock cannot be written
 */
export async function withFileLock<T>(path: string, work: () => T, { waitMs = WAIT_MS } = {}): Promise<T> {
  const lock = `${path}.lock`;
  const endMs = performance.now() + waitMs;
  while (!take(lock)) {
    const leftMs = endMs - performance.now();
    if (leftMs <= 0) throw stillHeld(path, lock);
    // In turn, and after another look: of two who find it left, the slower would remove what the quicker has taken since.
    if (isLeft(lock)) await withFileLock(lock, () => isLeft(lock) && rmSync(lock, { force: true }), { waitMs: leftMs });
    else await sleep(systemClock, LOOK_MS * (0.5 + Math.random()));
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** False: somebody has it. */
function take(lock: string): boolean {
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

/** Its holder is no more. */
function isLeft(lock: string): boolean {
  try {
    const holder = readLockHolder(lock);
    if (holder?.isAlive !== undefined) return holder.isSelf || !holder.isAlive;
    return Date.now() - statSync(lock).mtimeMs > UNKNOWN_HOLDER_MS;
  } catch {
    // Given back meanwhile.
    return false;
  }
}

function stillHeld(path: string, lock: string): CliError {
  const holder = readLockHolder(lock);
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new CliError('ORRA_CONFIG_LOCKED', `${path} is locked by ${who}, which does not release it`, {
    next: `run the command again; if that process is not orra, remove ${lock} first`,
  });
}
