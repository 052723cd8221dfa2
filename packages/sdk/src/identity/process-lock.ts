/**
 * Detects a second process with the same identity. The Go engine keeps one connection per id, so two processes would
 * disconnect each other repeatedly.
 */
import { acquireFileLock, readLockHolder, type FileLock } from '@orra-ts/common/files';
import { sdkError } from '../errors';

/** @throws OrraError `ORRA_IDENTITY_IN_USE` while another running process of this machine holds the lock */
export async function acquireIdentityLock(path: string): Promise<FileLock> {
  const lockPath = `${path}.lock`;
  let lock: FileLock | undefined;
  try {
    lock = await acquireFileLock(lockPath, (holder) => holder?.isAlive === true);
  } catch {
    // The write of the identity itself reports a folder that is not writable.
    return { release: () => undefined };
  }
  if (lock) return lock;
  const pid = readLockHolder(lockPath)?.pid;
  throw sdkError(
    'ORRA_IDENTITY_IN_USE',
    `the identity in ${path} is used by ${pid === undefined ? 'another process' : `process ${pid}`}; stop that process, or give each replica its own identity: option \`identity.directory\`, ORRA_DATA_DIR or ORRA_SERVICE_ID`,
    { details: { path, pid } },
  );
}
