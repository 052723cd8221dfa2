/**
 * The journal that survives the process (X3): a `MemoryJournal` whose changes are written to a log first. Outcomes are
 * on disk before they are sent (X2). The record of a handler's start is passed to the operating system, so that it
 * survives a kill of the process, but not always a power failure. Duplicates get outcomes from memory, within its
 * budget.
 */
import { describeThrown } from '@orra-ts/common';
import { sdkError } from '../errors';
import type {
  ExecutionJournal,
  FenceStatus,
  JournalHealth,
  JournalRecord,
  Outcome,
  ServiceJournal,
} from './execution-journal';
import { JournalReplay, type Line } from './journal-replay';
import { MemoryJournal, type MemoryServiceJournal } from './memory-journal';
import { folderSegmentFiles, type SegmentFiles } from './segment-files';
import { SegmentLog } from './segment-log';

export interface FileJournalOptions {
  readonly directory: string;
  /** Maximum size of the outcomes in memory. @default 64 MiB */
  readonly maxBytes?: number;
  /** @default 16 MiB */
  readonly segmentBytes?: number;
  readonly now?: () => number;
  /** @default the files of `directory` */
  readonly files?: SegmentFiles;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
/** Budget on disk as a multiple of the budget in memory: begin, outcome and ACK of each entry, with a margin. */
const DISK_FACTOR = 3;
/** The time for which the Go engine keeps keys, after which there are no duplicates. */
const TTL_MS = 24 * 60 * 60_000;

export class FileJournal implements ExecutionJournal {
  private readonly memory: MemoryJournal;
  private readonly log: SegmentLog;
  private readonly services = new Map<string, FileServiceJournal>();
  private readonly directory: string;
  private readonly now: () => number;

  constructor(options: FileJournalOptions) {
    const { directory, maxBytes, segmentBytes = SEGMENT_BYTES, now = Date.now } = options;
    this.directory = directory;
    this.now = now;
    this.memory = new MemoryJournal(maxBytes === undefined ? {} : { maxBytes });
    this.log = new SegmentLog({
      files: options.files ?? folderSegmentFiles(directory),
      segmentBytes,
      maxBytes: Math.max(2 * segmentBytes, DISK_FACTOR * this.memory.maxBytes),
      ttlMs: TTL_MS,
      now,
      carriedOver: () => this.unfinished(),
    });
  }

  /** @throws OrraError `ORRA_JOURNAL_DAMAGED` if the folder cannot be read or written */
  open(): Promise<void> {
    try {
      const replay = new JournalReplay(this.memory, this.now, TTL_MS);
      this.log.open((line) => replay.add(line));
    } catch (error) {
      return Promise.reject(
        sdkError(
          'ORRA_JOURNAL_DAMAGED',
          `the journal in ${this.directory} cannot be used: ${describeThrown(error)}; make the folder readable and writable for this process, choose another one with option \`journal.directory\` or ORRA_DATA_DIR, or do without crash safety: option \`journal: { kind: 'memory' }\``,
          { details: { directory: this.directory }, cause: error },
        ),
      );
    }
    return Promise.resolve();
  }

  service(name: string): FileServiceJournal {
    let journal = this.services.get(name);
    if (!journal)
      this.services.set(name, (journal = new FileServiceJournal(name, this.memory.service(name), this.log, this.now)));
    return journal;
  }

  health(): JournalHealth {
    return { ...this.memory.health(), kind: 'file' };
  }

  close(): Promise<void> {
    this.log.close();
    return Promise.resolve();
  }

  /** Returns the lines that a restart needs after older segments are deleted: everything unacknowledged. */
  private *unfinished(): Iterable<string> {
    for (const [service, journal] of this.memory.all()) {
      for (const [key, { attempts, outcome, fence, beganAt }] of journal.pending()) {
        // One line for both: half of an entry would replace what older segments have of it.
        const entry = ['c', service, key, attempts, beganAt, outcome ?? null, fence ?? null] satisfies Line;
        yield JSON.stringify(entry);
      }
    }
  }
}

class FileServiceJournal implements ServiceJournal {
  private readonly prefix: string;

  constructor(
    name: string,
    private readonly memory: MemoryServiceJournal,
    private readonly log: SegmentLog,
    private readonly now: () => number,
  ) {
    this.prefix = `,${JSON.stringify(name)},`;
  }

  find(key: string): JournalRecord | undefined {
    return this.memory.find(key);
  }

  begin(key: string, attempt: number): Promise<void> {
    const beganAt = this.now();
    this.memory.begin(key, attempt, beganAt);
    return this.log.append(`["b"${this.prefix}${JSON.stringify(key)},${attempt},${beganAt}]`);
  }

  settle(key: string, outcome: Outcome): Promise<void> {
    this.memory.settle(key, outcome);
    return this.log.appendSynced(`["s"${this.prefix}${JSON.stringify(key)},${JSON.stringify(outcome)}]`);
  }

  fence(key: string, status: FenceStatus): Promise<void> {
    this.memory.fence(key, status);
    return this.log.appendSynced(`["f"${this.prefix}${JSON.stringify(key)},"${status}",${this.now()}]`);
  }

  /** Waits for the next write. If it is lost, an outcome is sent once more, which has no effect. */
  acknowledge(key: string): void {
    this.memory.acknowledge(key);
    this.log.appendLazily(`["a"${this.prefix}${JSON.stringify(key)}]`);
  }

  *unacknowledged(): Iterable<readonly [string, Outcome]> {
    for (const [key, { outcome }] of this.memory.pending()) if (outcome) yield [key, outcome];
  }
}
