/**
 * Port of the folder of a segment log: lists segments and their owners, and writes segments. Several processes may
 * share the folder. The name of a segment contains its process, so that a later process reads only segments of
 * processes that have ended.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive } from '@orra-ts/common';

/** A segment that an earlier process wrote. */
export interface StoredSegment {
  readonly path: string;
  readonly bytes: number;
  /** Time of its last write, in milliseconds since 1970. */
  readonly changedAt: number;
}

/** A segment that this process writes. It owns it until `close`. */
export interface SegmentWriter {
  readonly path: string;
  /** Writes a part of `data`, from byte `at`. Returns the number of bytes written. @throws the system's error */
  write(data: Uint8Array, at: number): number;
  /** Calls back when everything written before is on the disk, or with the reason why it may not be. */
  sync(callback: (error: NodeJS.ErrnoException | null) => void): void;
  close(): void;
}

export interface SegmentFiles {
  /**
   * Segments of processes that have ended, oldest first. Creates the folder if it is missing. @throws the system's
   * error
   */
  stored(): readonly StoredSegment[];
  read(path: string): string;
  remove(path: string): void;
  /**
   * Creates a segment. Those with a later `startedAt` are newer, then those created later. @throws the system's error
   */
  create(startedAt: number): SegmentWriter;
}

const SUFFIX = '.log';

/** Segments that this process writes. By their pid alone they could look like segments of an ended process. */
const ownPaths = new Set<string>();
let sequence = 0;

export const folderSegmentFiles = (directory: string): SegmentFiles => ({
  stored() {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return readdirSync(directory)
      .sort()
      .filter((name) => name.endsWith(SUFFIX) && !ownPaths.has(join(directory, name)) && !isOwnerAlive(name))
      .map((name) => {
        const path = join(directory, name);
        const { size, mtimeMs } = statSync(path);
        return { path, bytes: size, changedAt: mtimeMs };
      });
  },
  read: (path) => readFileSync(path, 'utf8'),
  remove: (path) => rmSync(path, { force: true }),
  create(startedAt) {
    const name = [
      String(startedAt).padStart(15, '0'),
      String(++sequence).padStart(8, '0'),
      process.pid,
      startTimeOf(process.pid) ?? 'x',
      HOST,
    ].join('-');
    const path = join(directory, name + SUFFIX);
    const fd = openSync(path, 'a', 0o600);
    ownPaths.add(path);
    return {
      path,
      write: (data, at) => writeSync(fd, data, at),
      sync: (callback) => fdatasync(fd, callback),
      close() {
        ownPaths.delete(path);
        closeSync(fd);
      },
    };
  },
});

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** Process ids are reused, above all in containers; together with its start time an id identifies a process. */
function startTimeOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isOwnerAlive(name: string): boolean {
  const [, , pidText, startTime, rest] = name.split('-');
  const pid = Number(pidText);
  // Processes of another host cannot be checked; two live hosts must not share a folder.
  if (rest !== HOST + SUFFIX || !Number.isInteger(pid) || pid === process.pid) return false;
  if (!isProcessAlive(pid)) return false;
  const now = startTimeOf(pid);
  return now === undefined || startTime === 'x' || now === startTime;
}
