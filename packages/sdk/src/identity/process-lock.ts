/**
 * Notices a second process with the same identity: the public engine keeps one connection per id, so two processes would
 * take it from each other for ever. The lock names its process; that of one which no longer lives counts for nothing.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isProcessAlive } from '@orra-ts/common';
import { isJsonObject } from '@orra-ts/protocol';
import { sdkError } from '../errors';

export interface Lock {
  release(): Promise<void>;
}

/** @throws OrraError `ORRA_IDENTITY_IN_USE` while another live process of this machine holds it */
export async function acquireLock(path: string): Promise<Lock> {
  const lockPath = `${path}.lock`;
  const own = JSON.stringify({ pid: process.pid, host: hostname() });
  for (let tries = 0; tries < 3; tries++) {
    try {
      await writeFile(lockPath, own, { flag: 'wx', mode: 0o600 });
      return { release: () => rm(lockPath, { force: true }) };
    } catch (error) {
      // A folder that cannot be written is reported where the identity itself is written.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return { release: () => Promise.resolve() };
    }
    const holder = await readHolder(lockPath);
    // Another machine's process cannot be asked; its lock on a shared volume would otherwise outlive it for ever.
    if (holder && holder.host === hostname() && holder.pid !== process.pid && isProcessAlive(holder.pid)) {
      throw sdkError(
        'ORRA_IDENTITY_IN_USE',
        `the identity in ${path} is used by process ${holder.pid}; stop that one, or give each replica an identity of its own: option \`identity.directory\`, ORRA_DATA_DIR or ORRA_SERVICE_ID`,
        { details: { path, pid: holder.pid } },
      );
    }
    await rm(lockPath, { force: true });
  }
  return { release: () => Promise.resolve() };
}

async function readHolder(lockPath: string): Promise<{ pid: number; host: string } | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(lockPath, 'utf8'));
    if (!isJsonObject(content)) return undefined;
    const { pid, host } = content;
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host } : undefined;
  } catch {
    return undefined;
  }
}
