/**
 * Append-only lines in segment files (see `SegmentFiles`). A log writes its own segments, and at its start reads those
 * of processes that have ended. The lines of one turn of the event loop share one write.
 *
 * When a write or a sync fails, its segment ends. The next one begins after a back-off, with all lines that must not be
 * lost. Until then lines are rejected.
 */
import { deferred, exponentialMs, type BackoffOptions, type Clock, type Deferred, type Timer } from '@orra-ts/common';
import { OpenSegment } from './open-segment';
import type { SegmentFiles, StoredSegment } from './segment-files';
import { readSegment } from './segment-format';

/** What must outlive older segments. */
export interface CarriedOver {
  readonly lines: Iterable<string>;
  /** Called when the disk has the lines. */
  stored(): void;
}

export interface SegmentLogOptions {
  readonly files: SegmentFiles;
  /** A larger segment is closed, and a new one begins. */
  readonly segmentBytes: number;
  /** Maximum size of all segments together; the oldest are deleted first. */
  readonly maxBytes: number;
  /** A segment with an older last line is deleted, once the next one has what is carried over. */
  readonly ttlMs: number;
  readonly clock: Clock;
  /** Every segment begins with these lines. */
  carriedOver(): CarriedOver;
  /** Reports trouble with the files. */
  readonly reports: SegmentReports;
}

export interface SegmentReports {
  /** A part of a segment of an earlier process cannot be read. */
  damaged(path: string, parts: number): void;
  /** An old segment cannot be deleted. */
  notRemoved(path: string, error: unknown): void;
  /** No segment can be begun, or the last one cannot be written any more. */
  failed(error: unknown, retryMs: number, isWritable: boolean): void;
  /** A segment was begun, and has what is carried over. */
  recovered(): void;
}

export interface LogFailure {
  readonly error: unknown;
  /** Milliseconds since 1970. */
  readonly since: number;
}

type OlderSegment = Omit<StoredSegment, 'startedAt'>;

const RETRY: BackoffOptions = { baseMs: 1_000, capMs: 30_000 };
/** Lines that wait for the next write; more cause one. */
const MAX_LAZY_LINES = 1_000;
/** Errors that an operator must correct before the application starts. */
const UNUSABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENAMETOOLONG'];

export class SegmentLog {
  private current: OpenSegment | undefined;
  /** Size at which the next segment begins. */
  private fullBytes = 0;
  private older: OlderSegment[] = [];
  private lines: string[] = [];
  private written: Deferred<void> | undefined;
  private synced: Deferred<void> | undefined;
  private isFlushScheduled = false;
  private isClosed = false;
  private startedAt: number;
  private problem: LogFailure | undefined;
  private retries = 0;
  private retryTimer: Timer | undefined;

  constructor(private readonly options: SegmentLogOptions) {
    this.startedAt = options.clock.now();
  }

  /** Reads the segments of earlier processes, oldest first. @throws the system's errors if the folder is not usable */
  read(onLine: (line: string, segmentChangedAt: number) => boolean): void {
    const { files, reports } = this.options;
    for (const { path, bytes, startedAt, changedAt } of files.stored()) {
      // Later lines must be read after earlier ones, also if the wall clock was set back between.
      if (startedAt >= this.startedAt) this.startedAt = startedAt + 1;
      this.older.push({ path, bytes, changedAt });
      let damaged: number;
      try {
        damaged = readSegment(files.read(path), (line) => onLine(line, changedAt));
      } catch (error) {
        if (isUnusable(error)) throw error;
        damaged = 1;
      }
      if (damaged > 0) reports.damaged(path, damaged);
    }
  }

  /** Begins the first segment. @throws the system's errors if the folder is not usable */
  open(): void {
    this.begin((error) => {
      if (isUnusable(error)) throw error;
    });
  }

  get bytes(): number {
    return this.older.reduce((sum, { bytes }) => sum + bytes, this.current?.bytes ?? 0);
  }

  /** Why segments cannot be written or begun; undefined while they can. */
  get failure(): LogFailure | undefined {
    return this.problem;
  }

  /**
   * Resolves when the operating system has the line, which then survives the process. Shared by all lines of a turn.
   */
  append(line: string): Promise<void> {
    this.push(line);
    return (this.written ??= pendingWrite()).promise;
  }

  /** Resolves when the disk has the line, which then survives a power failure. Shared by all lines of a turn. */
  appendSynced(line: string): Promise<void> {
    this.push(line);
    return (this.synced ??= pendingWrite()).promise;
  }

  /** Written with the next write, at the latest when the log is closed. */
  appendLazily(line: string): void {
    if (this.lines.length >= MAX_LAZY_LINES) this.push(line);
    else this.lines.push(line);
  }

  /** Writes what waits. Does not wait for the disk. */
  close(): void {
    if (this.isClosed) return;
    this.retryTimer?.clear();
    if (this.problem) this.begin();
    this.flush();
    this.isClosed = true;
    this.retryTimer?.clear();
    this.current?.close();
    this.current = undefined;
  }

  private push(line: string): void {
    this.lines.push(line);
    if (this.isFlushScheduled) return;
    this.isFlushScheduled = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    const { written, synced, lines, current } = this;
    this.isFlushScheduled = false;
    this.written = this.synced = undefined;
    this.lines = [];
    if (lines.length === 0) return;
    if (!current) {
      const error = this.problem?.error ?? new Error('the journal is closed');
      written?.reject(error);
      synced?.reject(error);
      return;
    }
    try {
      current.write(lines);
    } catch (error) {
      written?.reject(error);
      synced?.reject(error);
      return this.broken(current, error);
    }
    written?.resolve();
    if (synced) current.sync(synced);
    if (current.bytes > this.fullBytes && !this.retryTimer) this.begin();
  }

  /**
   * Begins a segment with what is carried over. If that fails, it tries again after a back-off; until then the current
   * segment goes on, if there is one.
   */
  private begin(onError?: (error: unknown) => void): void {
    this.retryTimer = undefined;
    const { files, segmentBytes } = this.options;
    let next: OpenSegment | undefined;
    let carried: CarriedOver;
    try {
      next = new OpenSegment(files.create(this.startedAt), (segment, error) => this.broken(segment, error));
      carried = this.options.carriedOver();
      next.write(carried.lines);
    } catch (error) {
      if (next) this.discard(next);
      onError?.(error);
      return this.failed(error);
    }
    this.retire();
    this.current = next;
    // What is carried over does not fill a segment. As much again must follow before it is repeated.
    this.fullBytes = next.bytes + Math.max(segmentBytes, next.bytes);
    const pending = pendingWrite();
    next.sync(pending);
    void pending.promise.then(
      () => {
        carried.stored();
        this.stored(next);
      },
      // Reported by `broken`.
      () => undefined,
    );
  }

  /** The disk has what this segment begins with, so that older ones are not needed for it. */
  private stored(segment: OpenSegment): void {
    if (segment !== this.current && !this.isClosed) return;
    this.retries = 0;
    this.removeOld();
    if (!this.problem) return;
    this.problem = undefined;
    this.options.reports.recovered();
  }

  /** What follows a failed write or sync cannot be relied on: the segment ends. */
  private broken(segment: OpenSegment, error: unknown): void {
    if (this.isClosed) return;
    if (segment === this.current) {
      this.retire();
      this.current = undefined;
    }
    this.failed(error);
  }

  private failed(error: unknown): void {
    if (this.isClosed) return;
    const { clock, reports } = this.options;
    const since = this.problem?.since ?? clock.now();
    this.problem = { error, since };
    if (this.retryTimer) return;
    const retryMs = exponentialMs(RETRY, this.retries++);
    this.retryTimer = clock.setTimer(retryMs, () => this.begin(), { unref: true });
    reports.failed(error, retryMs, this.current !== undefined);
  }

  /** The current segment gets no further lines. */
  private retire(): void {
    const { current } = this;
    if (!current) return;
    this.older.push({ path: current.path, bytes: current.bytes, changedAt: this.options.clock.now() });
    current.close();
  }

  /** Older segments have everything of a segment that could not be begun. */
  private discard(segment: OpenSegment): void {
    segment.close();
    this.remove(segment);
  }

  private removeOld(): void {
    const { maxBytes, ttlMs, clock } = this.options;
    const oldest = clock.now() - ttlMs;
    let excess = this.bytes - maxBytes;
    this.older = this.older.filter((segment) => {
      if (excess <= 0 && segment.changedAt >= oldest) return true;
      if (!this.remove(segment)) return true;
      excess -= segment.bytes;
      return false;
    });
  }

  private remove({ path }: { readonly path: string }): boolean {
    try {
      this.options.files.remove(path);
      return true;
    } catch (error) {
      this.options.reports.notRemoved(path, error);
      return false;
    }
  }
}

const isUnusable = (error: unknown): boolean => UNUSABLE.includes((error as NodeJS.ErrnoException).code ?? '');

function pendingWrite(): Deferred<void> {
  const pending = deferred();
  // Not every write has waiters.
  pending.promise.catch(() => undefined);
  return pending;
}
