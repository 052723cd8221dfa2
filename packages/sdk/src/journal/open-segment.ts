/** A segment that is being written. All lines that wait for the disk share one sync. */
import type { Deferred } from '@orra-ts/common';
import { encodeRecords } from './segment-format';
import type { SegmentWriter } from './segment-files';

export class OpenSegment {
  /** Size of what was written. */
  bytes = 0;
  private waiting: Deferred<void>[] = [];
  private isSyncing = false;
  private isClosing = false;

  constructor(
    private readonly writer: SegmentWriter,
    /** A sync has failed. What it should have stored may be lost, although later syncs succeed. */
    private readonly onSyncFailed: (segment: OpenSegment, error: unknown) => void,
  ) {}

  get path(): string {
    return this.writer.path;
  }

  /** @throws the system's error; the segment may then end in an incomplete record, and nothing may follow it */
  write(lines: Iterable<string>): void {
    for (const data of encodeRecords(lines)) {
      for (let at = 0; at < data.length;) at += this.writer.write(data, at);
      this.bytes += data.length;
    }
  }

  /** Settles `pending` when the disk has everything that was written before, or may not have it. */
  sync(pending: Deferred<void>): void {
    this.waiting.push(pending);
    if (!this.isSyncing) this.syncWaiting();
  }

  /** Closes the file when the last sync has ended. Nothing may be written afterwards. */
  close(): void {
    this.isClosing = true;
    if (!this.isSyncing) this.writer.close();
  }

  private syncWaiting(): void {
    const covered = this.waiting;
    this.waiting = [];
    this.isSyncing = true;
    this.writer.sync((error) => {
      for (const { resolve, reject } of covered) {
        if (error) reject(error);
        else resolve();
      }
      if (error) this.onSyncFailed(this, error);
      this.isSyncing = false;
      if (this.waiting.length > 0) return this.syncWaiting();
      if (this.isClosing) this.writer.close();
    });
  }
}
