/**
 * Replaces a file as a whole: a crash at any moment leaves the old content or the new one. The content is written to a
 * temporary file in the same folder, synced, and renamed over the target; then the folder is synced, which makes the
 * rename durable.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface AtomicWriteOptions {
  /** Permissions of the new file. @default 0o600, readable by its owner alone */
  readonly mode?: number;
}

const OWNER_ONLY = 0o600;

/** Processes that write the same file at the same time must not share the temporary file. */
const temporaryPathOf = (path: string): string => `${path}.${process.pid}.tmp`;

/** @throws the file system's error; the temporary file is removed and the target is unchanged then */
export async function writeFileAtomic(
  path: string,
  content: string,
  { mode = OWNER_ONLY }: AtomicWriteOptions = {},
): Promise<void> {
  const temporary = temporaryPathOf(path);
  try {
    const file = await open(temporary, 'w', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  const folder = await open(dirname(path), 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** `writeFileAtomic` for code that must not let other work run in between. */
export function writeFileAtomicSync(
  path: string,
  content: string,
  { mode = OWNER_ONLY }: AtomicWriteOptions = {},
): void {
  const temporary = temporaryPathOf(path);
  try {
    const file = openSync(temporary, 'w', mode);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** Not every system can open and sync folders; Windows cannot. */
function syncFolder(path: string): void {
  let folder: number | undefined;
  try {
    folder = openSync(path, 'r');
    fsyncSync(folder);
  } catch {
    // The content itself is on the disk already.
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}
