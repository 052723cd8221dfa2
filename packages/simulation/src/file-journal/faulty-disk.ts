/**
 * A disk below the SDK's file journal that behaves as badly as real ones: short and failed writes, failed syncs, power
 * failures that lose a part of what was not synced, times without space, and damaged bytes. After a failed sync, what it
 * should have written is lost with the power, although later syncs succeed: the operating system takes those pages for
 * clean.
 */
import { crc32 } from 'node:zlib';
import type { SegmentFiles, SegmentWriter } from '@orra-ts/sdk/internal';
import type { SeededRandom } from '@orra-ts/common/testing';

interface DiskFile {
  /** As the operating system shows it. */
  cached: Buffer;
  /** As the disk has it; zeros where nothing was written. */
  durable: Buffer;
  /** Everything before was passed to a sync. */
  cleanBytes: number;
  changedAt: number;
  /** The run of the process that writes it. */
  owner: number | undefined;
}

export interface DiskShares {
  readonly failedWrite: number;
  readonly failedSync: number;
  readonly failedCreate: number;
}

export class FaultyDisk {
  private readonly files = new Map<string, DiskFile>();
  private readonly syncs: (() => void)[] = [];
  private sequence = 0;
  private run = 0;
  /** Nothing can be created or written. */
  private isFull = false;

  constructor(
    private readonly random: SeededRandom,
    private readonly shares: DiskShares,
    private readonly now: () => number,
    private readonly log: (text: string) => void,
  ) {}

  /** The files as the next run of the process sees them; the last one is dead. */
  restart(): SegmentFiles {
    const run = ++this.run;
    return {
      stored: () =>
        [...this.files]
          .map(([path, { cached, changedAt }]) => ({
            path,
            bytes: cached.length,
            startedAt: startedAtOf(path),
            changedAt,
          }))
          .sort((a, b) => (a.path < b.path ? -1 : 1)),
      read: (path) => [this.files.get(path)?.cached ?? Buffer.alloc(0)],
      remove: (path) => {
        this.log(`removes ${path}`);
        this.files.delete(path);
      },
      create: (startedAt) => this.create(startedAt, run),
    };
  }

  /** Completes the oldest sync. Returns false if there is none. */
  completeSync(): boolean {
    const sync = this.syncs.shift();
    sync?.();
    return sync !== undefined;
  }

  /** Drops what the dead process waits for; with `power`, also what the disk does not have. */
  crash(power: boolean): void {
    this.syncs.length = 0;
    this.run++;
    if (!power) return;
    for (const file of this.files.values()) {
      const kept = this.random.chance(0.5) ? this.random.int(file.cleanBytes, file.cached.length) : file.cleanBytes;
      const data = Buffer.alloc(kept);
      file.durable.copy(data, 0, 0, Math.min(file.durable.length, kept));
      file.cached.copy(data, file.cleanBytes, file.cleanBytes, kept);
      file.cached = data;
      file.durable = Buffer.from(data);
      file.cleanBytes = kept;
    }
  }

  /** Begins or ends a time without space. */
  fill(isFull: boolean): void {
    if (isFull !== this.isFull) this.log(isFull ? 'is full' : 'has space again');
    this.isFull = isFull;
  }

  /**
   * Changes one byte of a record that is complete. Returns the text of the records that may be lost: they include
   * the next record, because the byte may be the line end between both. Returns undefined if no record is complete.
   */
  damage(): string | undefined {
    const records = [...this.files].flatMap(([path, file]) =>
      recordsOf(file.cached).map(({ start, end }, index, all) => ({ path, file, start, end, next: all[index + 1] })),
    );
    if (records.length === 0) return undefined;
    const { path, file, start, end, next } = this.random.pick(records);
    const at = this.random.int(start, end - 1);
    const text = file.cached.toString('latin1', start, next?.end ?? end);
    this.log(`damages byte ${at} of ${path}`);
    for (const data of [file.cached, file.durable]) if (at < data.length) data[at] = data[at] === 88 ? 89 : 88;
    return text;
  }

  private create(startedAt: number, run: number): SegmentWriter {
    const { random, shares } = this;
    if (this.isFull) throw noSpace();
    if (random.chance(shares.failedCreate)) {
      this.log('a segment cannot be created');
      throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    }
    const path = `${String(startedAt).padStart(15, '0')}-${String(++this.sequence).padStart(8, '0')}.log`;
    const file: DiskFile = {
      cached: Buffer.alloc(0),
      durable: Buffer.alloc(0),
      cleanBytes: 0,
      changedAt: this.now(),
      owner: run,
    };
    this.files.set(path, file);
    this.log(`creates ${path}`);
    return {
      path,
      write: (data, at) => this.write(file, data, at),
      sync: (callback) => {
        if (file.owner === undefined) throw badFile();
        // What is written from now on is not covered.
        const bytes = file.cached.length;
        this.syncs.push(() => this.sync(file, bytes, callback));
      },
      close: () => {
        if (file.owner === undefined) throw badFile();
        file.owner = undefined;
      },
    };
  }

  private write(file: DiskFile, data: Uint8Array, at: number): number {
    const { random, shares } = this;
    if (file.owner === undefined) throw badFile();
    if (this.isFull) throw noSpace();
    const failed = random.chance(shares.failedWrite);
    const bytes = failed || random.chance(0.1) ? random.int(0, data.length - at) : data.length - at;
    if (failed && (bytes === 0 || random.chance(0.5))) {
      this.log('a write fails');
      throw noSpace();
    }
    // A write of zero bytes does not count as a success.
    const written = Math.max(1, bytes);
    file.cached = Buffer.concat([file.cached, data.subarray(at, at + written)]);
    file.changedAt = this.now();
    return written;
  }

  private sync(file: DiskFile, bytes: number, callback: (error: NodeJS.ErrnoException | null) => void): void {
    const failed = this.random.chance(this.shares.failedSync);
    const durable = Buffer.alloc(Math.max(bytes, file.durable.length));
    file.durable.copy(durable);
    if (!failed) file.cached.copy(durable, file.cleanBytes, file.cleanBytes, bytes);
    file.durable = durable;
    file.cleanBytes = Math.max(bytes, file.cleanBytes);
    if (!failed) return callback(null);
    this.log('a sync fails');
    callback(Object.assign(new Error('input/output error'), { code: 'EIO' }));
  }
}

const badFile = (): Error => Object.assign(new Error('bad file descriptor'), { code: 'EBADF' });

const noSpace = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

/** Records with the right checksum. */
function recordsOf(data: Buffer): { start: number; end: number }[] {
  const text = data.toString('latin1');
  const records: { start: number; end: number }[] = [];
  for (const match of text.matchAll(/^#([0-9a-f]{8}) ([0-9a-f]{8})\n/gm)) {
    const begin = match.index + match[0].length;
    const end = begin + parseInt(match[2] ?? '', 16);
    if (end > data.length || crc32(data.subarray(begin, end)) !== parseInt(match[1] ?? '', 16)) continue;
    records.push({ start: match.index, end });
  }
  return records;
}

const startedAtOf = (path: string): number => Number(path.split('-')[0]);
