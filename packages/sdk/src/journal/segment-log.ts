/**
 * Append-only lines in segment files (see `SegmentFiles`). A log writes its own segments, and at its start reads those
 * of processes that have ended. The lines of one turn of the event loop share one write, and all waiting lines share
 * one sync of the disk.
 */
import { deferred, type Deferred } from '@orra-ts/common';
import type { SegmentFiles, SegmentWriter } from './segment-files';

export interface SegmentLogOptions {
  readonly files: SegmentFiles;
  /** A larger segment is closed, and a new one begins. */
  readonly segmentBytes: number;
  /** Maximum size of all segments together; the oldest are deleted first. */
  readonly maxBytes: number;
  /** A segment with an older last line is deleted. */
  readonly ttlMs: number;
  readonly now: () => number;
  /** Lines that must outlive older segments. They are written first to every new segment. */
  readonly carriedOver: () => Iterable<string>;
}

interface Segment {
  readonly path: string;
  bytes: number;
}

interface CurrentSegment extends Segment {
  readonly writer: SegmentWriter;
  /** Size at which the next segment begins. Carried-over lines do not count: they alone may exceed a segment. */
  readonly fullBytes: number;
}

const ZEROS = /^\0+/;

export class SegmentLog {
  private current: CurrentSegment | undefined;
  private older: Segment[] = [];
  private lines: string[] = [];
  private torn = false;
  private written: Deferred<void> | undefined;
  private synced: Deferred<void> | undefined;
  private isSyncing = false;
  private startedAt: number;

  constructor(private readonly options: SegmentLogOptions) {
    this.startedAt = options.now();
  }

  /** Reads the segments of earlier processes, oldest first, and begins a segment. @throws the system's errors */
  open(onLine: (line: string) => void): void {
    const { files, now, ttlMs } = this.options;
    for (const { path, bytes, startedAt, changedAt } of files.stored()) {
      // Later lines must be read after earlier ones, also if the wall clock was set back between.
      if (startedAt >= this.startedAt) this.startedAt = startedAt + 1;
      if (now() - changedAt > ttlMs) {
        files.remove(path);
        continue;
      }
      this.older.push({ path, bytes });
      for (const line of files.read(path).split('\n')) {
        // After a failed sync, a file may have zeros where lines were. They stand before the next line.
        const readable = line.replace(ZEROS, '');
        if (readable !== '') onLine(readable);
      }
    }
    void this.beginSegment();
  }

  get bytes(): number {
    return this.older.reduce((sum, { bytes }) => sum + bytes, this.current?.bytes ?? 0);
  }

  /**
   * Resolves when the operating system has the line, which then survives the process. Shared by all lines of a turn.
   */
  append(line: string): Promise<void> {
    this.push(line);
    return (this.written ??= pendingWrite()).promise;
  }

  /** Resolves when the disk has the line, which then survives a power failure. Shared by all lines of a sync. */
  appendSynced(line: string): Promise<void> {
    this.push(line);
    return (this.synced ??= pendingWrite()).promise;
  }

  /** Written with the next write, at the latest when the log is closed. */
  appendLazily(line: string): void {
    this.lines.push(line);
  }

  close(): void {
    if (!this.current) return;
    this.flush();
    // The flush may have begun another segment.
    this.current.writer.close();
    this.current = undefined;
  }

  private push(line: string): void {
    if (!this.written && !this.synced) setImmediate(() => this.flush());
    this.lines.push(line);
  }

  private flush(): void {
    const { written, synced, lines, current } = this;
    this.written = this.synced = undefined;
    this.lines = [];
    if (lines.length === 0 || !current) {
      written?.resolve();
      synced?.resolve();
      return;
    }
    try {
      // A write that failed halfway has left an incomplete line.
      const data = Buffer.from(`${this.torn ? '\n' : ''}${lines.join('\n')}\n`);
      this.torn = true;
      for (let at = 0; at < data.length;) at += current.writer.write(data, at);
      this.torn = false;
      current.bytes += data.length;
    } catch (error) {
      written?.reject(error);
      synced?.reject(error);
      return;
    }
    written?.resolve();
    if (synced) this.sync(synced);
    if (current.bytes > current.fullBytes) this.rotate();
  }

  private waiting: Deferred<void>[] = [];

  private sync(pending: Deferred<void>): void {
    this.waiting.push(pending);
    if (this.isSyncing || !this.current) return;
    const covered = this.waiting;
    this.waiting = [];
    this.isSyncing = true;
    this.current.writer.sync((error) => {
      this.isSyncing = false;
      for (const { resolve, reject } of covered) {
        // If a rotation has closed the descriptor meanwhile, it has synced it before.
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
    const { current } = this;
    if (!current) return;
    const { path, bytes, writer } = current;
    let carriedOver: Promise<void>;
    try {
      carriedOver = this.beginSegment();
    } catch {
      // Without a file for the next segment, this one grows, and the next write tries again.
      return;
    }
    this.older.push({ path, bytes });
    // Waiting lines of the old segment need a sync of the old segment, not of the new one.
    const covered = this.waiting;
    this.waiting = [];
    writer.sync((error) => {
      writer.close();
      for (const { resolve, reject } of covered) {
        if (error) reject(error);
        else resolve();
      }
    });
    // Until the disk has the carried-over lines, only the older segments have what they repeat.
    carriedOver.then(
      () => this.removeOldest(),
      () => undefined,
    );
  }

  private removeOldest(): void {
    while (this.older.length > 0 && this.bytes > this.options.maxBytes) {
      const [oldest] = this.older.splice(0, 1);
      if (oldest) this.options.files.remove(oldest.path);
    }
  }

  /** Resolves when the disk has the carried-over lines. @throws the system's error */
  private beginSegment(): Promise<void> {
    const { files, carriedOver, segmentBytes } = this.options;
    const writer = files.create(this.startedAt);
    const carried = [...carriedOver()];
    const carriedBytes = carried.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    this.current = { path: writer.path, bytes: 0, writer, fullBytes: segmentBytes + carriedBytes };
    return carried.length === 0 ? Promise.resolve() : this.appendSynced(carried.join('\n'));
  }
}

function pendingWrite(): Deferred<void> {
  const pending = deferred();
  // Carried-over lines have no waiters.
  pending.promise.catch(() => undefined);
  return pending;
}
