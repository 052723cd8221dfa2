import type { SegmentFiles, SegmentWriter } from '@orra-ts/sdk/internal';
/** The disk of one machine: the segment files of an SDK's journal. Data that was not synced is lost when the power fails. */
import type { SeededRandom } from '@orra-ts/common/testing';
import type { ProcessScope } from '../kernel/process-scope';

interface MemoryFile {
  data: Buffer;
  syncedBytes: number;
  changedAt: number;
  owner: ProcessScope | undefined;
}

export interface DiskFaults {
  /** Called before a sync takes effect. Returns false when the sync does not happen, because the process is dead. */
  beforeSync(): boolean;
}

export class MemoryDisk {
  private readonly files = new Map<string, MemoryFile>();
  private sequence = 0;

  constructor(
    private readonly random: SeededRandom,
    private readonly faults: DiskFaults,
  ) {}

  /** The files as one process sees them. */
  filesOf(scope: ProcessScope): SegmentFiles {
    return {
      stored: () =>
        [...this.files]
          .filter(([, { owner }]) => owner?.alive !== true)
          .map(([path, { data, changedAt }]) => ({ path, bytes: data.length, startedAt: startedAtOf(path), changedAt }))
          .sort((a, b) => (a.path < b.path ? -1 : 1)),
      read: (path) => [this.files.get(path)?.data ?? Buffer.alloc(0)],
      remove: (path) => void this.files.delete(path),
      create: (startedAt) => this.create(scope, startedAt),
    };
  }

  /** Lines that contain this string and survive a power failure. */
  syncedLines(part: string): string[] {
    const lines: string[] = [];
    for (const { data, syncedBytes } of this.files.values()) {
      if (!data.includes(part)) continue;
      for (const line of data.toString('utf8', 0, syncedBytes).split('\n')) if (line.includes(part)) lines.push(line);
    }
    return lines;
  }

  /** The machine stops: of what was written after the last sync, a part is lost. */
  losePower(): void {
    for (const file of this.files.values()) {
      const keptBytes = this.random.chance(0.5)
        ? file.syncedBytes
        : this.random.int(file.syncedBytes, file.data.length);
      file.data = file.data.subarray(0, keptBytes);
      file.syncedBytes = keptBytes;
    }
  }

  private create(scope: ProcessScope, startedAt: number): SegmentWriter {
    const path = `${String(startedAt).padStart(15, '0')}-${String(++this.sequence).padStart(8, '0')}.log`;
    const file: MemoryFile = { data: Buffer.alloc(0), syncedBytes: 0, changedAt: scope.clock.now(), owner: scope };
    this.files.set(path, file);
    return {
      path,
      write: (data, at) => {
        if (!scope.alive) return data.length - at;
        file.data = Buffer.concat([file.data, data.subarray(at)]);
        file.changedAt = scope.clock.now();
        return data.length - at;
      },
      sync: (callback) => {
        scope.schedule(this.random.int(0, 3), () => {
          if (!this.faults.beforeSync()) return;
          file.syncedBytes = file.data.length;
          callback(null);
        });
      },
      close: () => {
        file.owner = undefined;
      },
    };
  }
}

const startedAtOf = (path: string): number => Number(path.split('-')[0]);
