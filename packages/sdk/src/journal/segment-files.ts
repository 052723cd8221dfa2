/**
 * Port of the folder of a segment log: lists segments and their owners, and writes segments. Several processes and
 * threads may share the folder. The name of a segment contains the thread that writes it, so that another thread reads it
 * only after that thread has ended.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { currentThread, isRunning } from '@orra-ts/common/files';

/** A segment that an earlier process or thread wrote. */
export interface StoredSegment {
  readonly path: string;
  readonly bytes: number;
  /** As passed to `create`. */
  readonly startedAt: number;
  /** Time of its last write, in milliseconds since 1970. */
  readonly changedAt: number;
}

/** A segment that this thread writes. It owns it until `close`. */
export interface SegmentWriter {
  readonly path: string;
  /** Writes a part of `data`, from byte `at`. Returns the number of bytes written. @throws the system's error */
  write(data: Uint8Array, at: number): number;
  /** Calls back when everything written before is on the disk, or with the reason why it may not be. */
  sync(callback: (error: NodeJS.ErrnoException | null) => void): void;
  close(): void;
}

export interface SegmentFiles {
  /** Segments whose writers have ended, oldest first. Creates the folder if it is missing. @throws the system's error */
  stored(): readonly StoredSegment[];
  /** Its content in parts; nothing if it was removed meanwhile. @throws the system's error */
  read(path: string): Iterable<Uint8Array>;
  /** @throws the system's error */
  remove(path: string): void;
  /**
   * Creates a segment, and the folder if it is missing. Segments with a later `startedAt` are newer, then those created
   * later. @throws the system's error
   */
  create(startedAt: number): SegmentWriter;
}

const SUFFIX = '.log';
const READ_BYTES = 256 * 1024;

/** Segments that this thread writes now. Its closed ones have names of the same form. */
const ownPaths = new Set<string>();
let sequence = 0;

export const folderSegmentFiles = (directory: string): SegmentFiles => ({
  stored() {
    makeFolder(directory);
    return readdirSync(directory)
      .sort()
      .filter((name) => name.endsWith(SUFFIX) && !ownPaths.has(join(directory, name)) && !isOwnerRunning(name))
      .flatMap((name) => {
        const path = join(directory, name);
        // Another process that shares the folder may have removed it.
        const stat = statSync(path, { throwIfNoEntry: false });
        return stat ? [{ path, bytes: stat.size, startedAt: Number(name.split('-')[0]), changedAt: stat.mtimeMs }] : [];
      });
  },
  *read(path) {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    try {
      for (;;) {
        const chunk = Buffer.allocUnsafe(READ_BYTES);
        const bytes = readSync(fd, chunk);
        if (bytes === 0) return;
        yield chunk.subarray(0, bytes);
      }
    } finally {
      closeSync(fd);
    }
  },
  remove: (path) => rmSync(path, { force: true }),
  create(startedAt) {
    makeFolder(directory);
    const name = [String(startedAt).padStart(15, '0'), String(++sequence).padStart(8, '0'), ownerPart()].join('-');
    const path = join(directory, name + SUFFIX);
    const fd = openSync(path, 'a', 0o600);
    ownPaths.add(path);
    // Some file systems do not count links.
    const canCheck = linksOf(fd) === 1;
    return {
      path,
      write: (data, at) => writeSync(fd, data, at),
      sync: (callback) =>
        fdatasync(fd, (error) => {
          if (!error && canCheck && linksOf(fd) === 0) callback(fileWasDeleted(path));
          else callback(error);
        }),
      close() {
        ownPaths.delete(path);
        closeSync(fd);
      },
    };
  },
});

const makeFolder = (directory: string): void => void mkdirSync(directory, { recursive: true, mode: 0o700 });

/** The number of folder entries of an open file; undefined if the system does not report it. */
function linksOf(fd: number): number | undefined {
  try {
    return fstatSync(fd).nlink;
  } catch {
    return undefined;
  }
}

/** Writes to a file that was deleted succeed, and no later process finds them. */
const fileWasDeleted = (path: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`ENOENT: the file was deleted, '${path}'`), { code: 'ENOENT' });

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** In the name of a segment, for what is unknown. */
const UNKNOWN = 'x';

/** The part of a segment's name that names the thread that writes it. */
function ownerPart(): string {
  const { pid, host, startTime, bootId } = currentThread();
  return [pid, startTime ?? UNKNOWN, shortHash(host), bootId ? shortHash(bootId) : UNKNOWN, threadId].join('-');
}

/** Whether the thread that wrote a segment may still write it. */
function isOwnerRunning(name: string): boolean {
  const own = ownerPart();
  const owner = name.slice(0, -SUFFIX.length).split('-').slice(2);
  // A log of this thread that is closed; open ones are in `ownPaths`.
  if (owner.join('-') === own) return false;
  const [pid, startTime, host, boot, thread] = owner;
  const [, , ownHost, ownBoot] = own.split('-');
  // Processes of another host cannot be checked; two running hosts must not share a folder.
  if (host !== ownHost || !/^\d+$/.test(pid ?? '')) return false;
  if (boot !== undefined && boot !== ownBoot) return false;
  // Without start times, a thread of this process that has ended cannot be told from one that runs.
  if (startTime === UNKNOWN && Number(pid) === process.pid) return thread !== undefined;
  return (
    isRunning({
      pid: Number(pid),
      host: hostname(),
      startTime: startTime === UNKNOWN ? undefined : startTime,
    }) === true
  );
}
