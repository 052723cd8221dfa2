/**
 * Append-only lines in segment files of one folder. Several processes may share the folder: each writes segments of its
 * own, and reads at its start those whose process no longer lives. Lines of one turn of the event loop leave in one write,
 * and one sync of the disk serves all who wait for it.
 */
import {
  fdatasync,
  openSync,
  closeSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { deferred, isProcessAlive, type Deferred } from '@orra-ts/common';

export interface SegmentLogOptions {
  readonly directory: string;
  /** A segment that is larger is followed by another one. */
  readonly segmentBytes: number;
  /** Maximum size of all segments together; the oldest are deleted first. */
  readonly maxBytes: number;
  /** A segment whose last line is older is deleted. */
  readonly ttlMs: number;
  readonly now: () => number;
  /** Lines that must outlive the segments before: written first in every new one. */
  readonly carriedOver: () => Iterable<string>;
}

interface Segment {
  readonly path: string;
  bytes: number;
}

const SUFFIX = '.log';
/** Segments that this very process writes: its pid alone would make them look like those of a dead one. */
const ownPaths = new Set<string>();
let sequence = 0;

export class SegmentLog {
  private fd: number | undefined;
  private current: Segment | undefined;
  private older: Segment[] = [];
  private lines: string[] = [];
  private torn = false;
  private written: Deferred<void> | undefined;
  private synced: Deferred<void> | undefined;
  private isSyncing = false;
  private readonly startedAt: number;

  constructor(private readonly options: SegmentLogOptions) {
    this.startedAt = options.now();
  }

  /** Reads what earlier processes left, oldest segment first, and begins a segment. @throws the system's errors */
  open(onLine: (line: string) => void): void {
    const { directory, now, ttlMs } = this.options;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(directory).sort()) {
      const path = join(directory, name);
      if (!name.endsWith(SUFFIX) || ownPaths.has(path) || isOwnerAlive(name)) continue;
      const { size, mtimeMs } = statSync(path);
      if (now() - mtimeMs > ttlMs) {
        rmSync(path, { force: true });
        continue;
      }
      this.older.push({ path, bytes: size });
      for (const line of readFileSync(path, 'utf8').split('\n')) if (line !== '') onLine(line);
    }
    this.beginSegment();
  }

  get bytes(): number {
    return this.older.reduce((sum, { bytes }) => sum + bytes, this.current?.bytes ?? 0);
  }

  /** Resolves when the system has the line: it survives the process. Shared by all lines of a turn. */
  append(line: string): Promise<void> {
    this.push(line);
    return (this.written ??= pendingWrite()).promise;
  }

  /** Resolves when the disk has the line: it survives the machine. Shared by all lines that one sync covers. */
  appendSynced(line: string): Promise<void> {
    this.push(line);
    return (this.synced ??= pendingWrite()).promise;
  }

  /** Leaves with the next write, at the latest when the log is closed. */
  appendLazily(line: string): void {
    this.lines.push(line);
  }

  close(): void {
    if (this.fd === undefined) return;
    this.flush();
    closeSync(this.fd);
    this.fd = undefined;
    if (this.current) ownPaths.delete(this.current.path);
  }

  private push(line: string): void {
    if (!this.written && !this.synced) setImmediate(() => this.flush());
    this.lines.push(line);
  }

  private flush(): void {
    const { written, synced, lines, fd, current } = this;
    this.written = this.synced = undefined;
    this.lines = [];
    if (lines.length === 0 || fd === undefined || !current) {
      written?.resolve();
      synced?.resolve();
      return;
    }
    try {
      // A write that failed half way has left a line without its end.
      const data = Buffer.from(`${this.torn ? '\n' : ''}${lines.join('\n')}\n`);
      this.torn = true;
      for (let at = 0; at < data.length;) at += writeSync(fd, data, at);
      this.torn = false;
      current.bytes += data.length;
    } catch (error) {
      written?.reject(error);
      synced?.reject(error);
      return;
    }
    written?.resolve();
    if (synced) this.sync(synced);
    if (current.bytes > this.options.segmentBytes) this.rotate();
  }

  private waiting: Deferred<void>[] = [];

  private sync(pending: Deferred<void>): void {
    this.waiting.push(pending);
    if (this.isSyncing || this.fd === undefined) return;
    const covered = this.waiting;
    this.waiting = [];
    this.isSyncing = true;
    fdatasync(this.fd, (error) => {
      this.isSyncing = false;
      for (const { resolve, reject } of covered) {
        // A descriptor that a rotation has closed meanwhile was synced by the rotation.
        if (error && error.code !== 'EBADF') reject(error);
        else resolve();
      }
      const [next, ...rest] = this.waiting;
      if (!next) return;
      this.waiting = rest;
      this.sync(next);
    });
  }

  private rotate(): void {
    const { fd, current } = this;
    if (fd === undefined || !current) return;
    this.older.push(current);
    ownPaths.delete(current.path);
    this.beginSegment();
    // Those who wait for a sync of the old segment are served by it, not by the new one.
    const covered = this.waiting;
    this.waiting = [];
    fdatasync(fd, (error) => {
      closeSync(fd);
      for (const { resolve, reject } of covered) {
        if (error) reject(error);
        else resolve();
      }
    });
    while (this.older.length > 0 && this.bytes > this.options.maxBytes) {
      const [oldest] = this.older.splice(0, 1);
      if (oldest) rmSync(oldest.path, { force: true });
    }
  }

  private beginSegment(): void {
    const { directory, carriedOver } = this.options;
    const name = [
      String(this.startedAt).padStart(15, '0'),
      String(++sequence).padStart(8, '0'),
      process.pid,
      startTimeOf(process.pid) ?? 'x',
      HOST,
    ].join('-');
    const path = join(directory, name + SUFFIX);
    this.fd = openSync(path, 'a', 0o600);
    this.current = { path, bytes: 0 };
    ownPaths.add(path);
    for (const line of carriedOver()) this.push(line);
  }
}

function pendingWrite(): Deferred<void> {
  const pending = deferred();
  // Nobody waits for lines that were carried over.
  pending.promise.catch(() => undefined);
  return pending;
}

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** Pids are used again, above all in containers; together with the time of its start one names a process. */
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
