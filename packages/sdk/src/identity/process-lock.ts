/**
 * Detects a second process with the same identity. The Go engine keeps one connection per id, so two processes would
 * disconnect each other repeatedly. The lock names its process; the lock of a process that has ended is ignored.
 */
import { rm, writeFile } from 'node:fs/promises';
import { ownLockContent, readLockHolder } from '@orra-ts/common/files';
import { sdkError } from '../errors';

export interface Lock {
  release(): Promise<void>;
}

/** @throws OrraError `ORRA_IDENTITY_IN_USE` while another running process of this machine holds the lock */
export async function acquireLock(path: string): Promise<Lock> {
  const lockPath = `${path}.lock`;
  for (let tries = 0; tries < 3; tries++) {
    try {
      await writeFile(lockPath, ownLockContent(), { flag: 'wx', mode: 0o600 });
      return { release: () => rm(lockPath, { force: true }) };
    } catch (error) {
      // The write of the identity itself reports a folder that is not writable.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return { release: () => Promise.resolve() };
    }
    const holder = readLockHolder(lockPath);
    // A process on another machine cannot be checked. Its lock on a shared volume would otherwise never be released.
    if (holder?.isAlive && !holder.isSelf) {
      throw sdkError(
        'ORRA_IDENTITY_IN_USE',
        `the identity in ${path} is used by process ${holder.pid}; stop that process, or give each replica its own identity: option \`identity.directory\`, ORRA_DATA_DIR or ORRA_SERVICE_ID`,
        { details: { path, pid: holder.pid } },
      );
    }
    await rm(lockPath, { force: true });
  }
  return { release: () => Promise.resolve() };
}
