/**
 * The journal that survives the process (X3): a `MemoryJournal` whose changes are written to a log first. Outcomes are
 * on disk before they are sent (X2). The record of a handler's start is passed to the operating system, so that it
 * survives a kill of the process, but not always a power failure. Duplicates get outcomes from memory, within its
 * budget.
 *
 * While the log cannot be written, outcomes are kept in memory, and are sent nevertheless. The next segment begins with
 * them.
 */
import { describeThrown, silentLogger, systemClock, type Clock, type Logger } from '@orra-ts/common';
import { sdkError } from '../errors';
import type {
  ExecutionJournal,
  FenceStatus,
  JournalFailure,
  JournalHealth,
  JournalRecord,
  Outcome,
  ServiceJournal,
} from './execution-journal';
import { JournalReplay, type Line } from './journal-replay';
import { MemoryJournal, type MemoryRecord, type MemoryServiceJournal } from './memory-journal';
import { folderSegmentFiles, type SegmentFiles } from './segment-files';
import { SegmentLog, type CarriedOver, type SegmentReports } from './segment-log';
import { UnsavedKeys } from './unsaved-keys';

export interface FileJournalOptions {
  readonly directory: string;
  /** Maximum size of the outcomes in memory. @default 64 MiB */
  readonly maxBytes?: number;
  /** @default 16 MiB */
  readonly segmentBytes?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** @default the files of `directory` */
  readonly files?: SegmentFiles;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
/** Budget on disk as a multiple of the budget in memory: begin, outcome and ACK of each entry, with a margin. */
const DISK_FACTOR = 3;
const HOUR_MS = 60 * 60_000;
/**
 * How long an outcome is kept after its acknowledgement, and a fence after it was set: the time for which the Go engine
 * keeps keys, after which there are no duplicates. An outcome that is not acknowledged has no limit.
 */
const TTL_MS = 24 * HOUR_MS;
/** How long a restart remembers that a handler had begun, and did not end. */
const BEGUN_TTL_MS = 7 * 24 * HOUR_MS;

export class FileJournal implements ExecutionJournal {
  private readonly memory: MemoryJournal;
  private readonly log: SegmentLog;
  private readonly services = new Map<string, FileServiceJournal>();
  private readonly directory: string;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly openedAt: number;
  private damagedParts = 0;

  constructor(options: FileJournalOptions) {
    const { directory, maxBytes, segmentBytes = SEGMENT_BYTES, clock = systemClock, logger = silentLogger } = options;
    this.directory = directory;
    this.clock = clock;
    this.logger = logger;
    this.openedAt = clock.now();
    this.memory = new MemoryJournal(maxBytes === undefined ? {} : { maxBytes });
    this.log = new SegmentLog({
      files: options.files ?? folderSegmentFiles(directory),
      segmentBytes,
      maxBytes: Math.max(2 * segmentBytes, DISK_FACTOR * this.memory.maxBytes),
      ttlMs: TTL_MS,
      clock,
      carriedOver: () => this.carriedOver(),
      reports: this.reports(),
    });
  }

  /** @throws OrraError `ORRA_JOURNAL_DAMAGED` if the folder cannot be read or written */
  open(): Promise<void> {
    try {
      const replay = new JournalReplay({ memory: this.memory, now: this.clock.now(), ttlMs: TTL_MS });
      this.log.read((line, changedAt) => replay.add(line, changedAt));
      this.forgetOldBegins();
      this.log.open();
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
    if (!journal) {
      const options = { name, memory: this.memory.service(name), log: this.log, clock: this.clock };
      this.services.set(name, (journal = new FileServiceJournal(options)));
    }
    return journal;
  }

  health(): JournalHealth {
    return {
      ...this.memory.health(),
      kind: 'file',
      diskBytes: this.log.bytes,
      damagedParts: this.damagedParts,
      failure: this.failure(),
    };
  }

  close(): Promise<void> {
    this.log.close();
    const { unsaved } = this.failure() ?? { unsaved: 0 };
    if (unsaved > 0) this.logger.error('the journal closes without outcomes that it could not write', { unsaved });
    return Promise.resolve();
  }

  private failure(): JournalFailure | undefined {
    const { failure } = this.log;
    if (!failure) return undefined;
    let unsaved = 0;
    for (const service of this.services.values()) unsaved += service.unsaved.size;
    return { unsaved, error: describeThrown(failure.error), since: new Date(failure.since) };
  }

  /** Everything unacknowledged, and what could not be written. A restart needs it after older segments are deleted. */
  private carriedOver(): CarriedOver {
    this.forgetOldBegins();
    // Also services of earlier processes that this one does not have.
    const services = [...this.memory.all()].map(([name]) => this.service(name));
    const stored = services.map(({ unsaved }) => unsaved.carryOver());
    return {
      lines: linesOf(services),
      stored: () => {
        for (const done of stored) done();
      },
    };
  }

  /** Only those of earlier processes: a handler of this one may run for as long as it likes. */
  private forgetOldBegins(): void {
    const before = Math.min(this.openedAt, this.clock.now() - BEGUN_TTL_MS);
    for (const [, journal] of this.memory.all()) journal.forgetBegunBefore(before);
  }

  private reports(): SegmentReports {
    const { logger, directory } = this;
    return {
      damaged: (path, parts) => {
        this.damagedParts += parts;
        logger.warn('parts of the journal are damaged and are left out', { path, parts });
      },
      notRemoved: (path, error) =>
        logger.warn('an old segment of the journal cannot be deleted', { path, error: describeThrown(error) }),
      failed: (error, retryMs, isWritable) =>
        logger.error(
          isWritable
            ? 'the journal cannot begin its next segment, the last one grows'
            : 'the journal cannot be written, outcomes are kept in memory only',
          { directory, error: describeThrown(error), retryMs },
        ),
      recovered: () => logger.info('the journal can be written again', { directory }),
    };
  }
}

function* linesOf(services: readonly FileServiceJournal[]): Generator<string> {
  for (const service of services) yield* service.carriedOver();
}

interface FileServiceJournalOptions {
  readonly name: string;
  readonly memory: MemoryServiceJournal;
  readonly log: SegmentLog;
  readonly clock: Clock;
}

class FileServiceJournal implements ServiceJournal {
  readonly unsaved = new UnsavedKeys();
  private readonly name: string;
  private readonly prefix: string;
  private readonly memory: MemoryServiceJournal;
  private readonly log: SegmentLog;
  private readonly clock: Clock;

  constructor({ name, memory, log, clock }: FileServiceJournalOptions) {
    this.name = name;
    this.prefix = `,${JSON.stringify(name)},`;
    this.memory = memory;
    this.log = log;
    this.clock = clock;
  }

  find(key: string): JournalRecord | undefined {
    return this.memory.find(key);
  }

  begin(key: string, attempt: number): Promise<void> {
    const beganAt = this.clock.now();
    this.memory.begin(key, attempt, beganAt);
    return this.log.append(`["b"${this.prefix}${JSON.stringify(key)},${attempt},${beganAt}]`);
  }

  settle(key: string, outcome: Outcome): Promise<void> {
    this.memory.settle(key, outcome);
    const written = this.log.appendSynced(`["s"${this.prefix}${JSON.stringify(key)},${JSON.stringify(outcome)}]`);
    this.unsaved.watch(key, written);
    return written;
  }

  fence(key: string, status: FenceStatus): Promise<void> {
    const fencedAt = this.clock.now();
    this.memory.fence(key, status, fencedAt);
    const written = this.log.appendSynced(this.fenceLine(key, status, fencedAt));
    this.unsaved.watch(key, written);
    return written;
  }

  /** Waits for the next write. If it is lost, an outcome is sent once more, which has no effect. */
  acknowledge(key: string): void {
    this.memory.acknowledge(key);
    this.log.appendLazily(this.ackLine(key));
  }

  *unacknowledged(): Iterable<readonly [string, Outcome]> {
    for (const [key, { outcome }] of this.memory.pending()) if (outcome) yield [key, outcome];
  }

  /** Returns the lines from which a restart knows everything that is not acknowledged, and what could not be written. */
  *carriedOver(): Generator<string> {
    for (const [key, record] of this.memory.pending()) yield this.entryLine(key, record);
    for (const key of this.unsaved.keys) {
      const record = this.memory.find(key);
      // Dropped to make room.
      if (!record) this.unsaved.forget(key);
      else if (record.acknowledged) {
        yield this.entryLine(key, record);
        yield this.ackLine(key);
      } else if (record.attempts === 0 && record.fence) yield this.fenceLine(key, record.fence, record.changedAt);
    }
  }

  /** One line for all: half of an entry would replace what older segments have of it. */
  private entryLine(key: string, { attempts, outcome, fence, changedAt }: MemoryRecord): string {
    const { name } = this;
    return JSON.stringify(['c', name, key, attempts, changedAt, outcome ?? null, fence ?? null] satisfies Line);
  }

  private ackLine(key: string): string {
    return `["a"${this.prefix}${JSON.stringify(key)},${this.clock.now()}]`;
  }

  private fenceLine(key: string, status: FenceStatus, fencedAt: number): string {
    return `["f"${this.prefix}${JSON.stringify(key)},"${status}",${fencedAt}]`;
  }
}
