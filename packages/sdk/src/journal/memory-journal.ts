/**
 * The journal that is lost when the process ends. It has two generations, each with half of the budget. When the
 * younger one is full, the older one is dropped. This bounds memory without work per entry, and keeps an acknowledged
 * key until later ones have filled at least half of the budget. Running and unacknowledged keys are in neither
 * generation.
 */
import type {
  ExecutionJournal,
  FenceStatus,
  JournalHealth,
  JournalRecord,
  Outcome,
  ServiceJournal,
} from './execution-journal';

export interface MemoryJournalOptions {
  /** @default 64 MiB */
  readonly maxBytes?: number;
}

export const MEMORY_JOURNAL_MAX_BYTES = 64 * 1024 * 1024;

/** Bytes per entry: map slot, record, outcome and string headers, as measured on Node 20. */
const ENTRY_OVERHEAD_BYTES = 320;

export interface MemoryRecord extends JournalRecord {
  /** Time of the begin or of the fence, for a journal that limits the age of entries. */
  changedAt: number;
  attempts: number;
  outcome: Outcome | undefined;
  acknowledged: boolean;
  fence: FenceStatus | undefined;
}

/** Two bytes per character is the maximum size of a string; to measure it would cost more. */
const entryBytes = (key: string, outcome: Outcome | undefined): number =>
  ENTRY_OVERHEAD_BYTES + key.length + 2 * (outcome?.body.length ?? 0);

export class MemoryJournal implements ExecutionJournal {
  private readonly services = new Map<string, MemoryServiceJournal>();
  readonly maxBytes: number;
  private readonly generationBytes: number;
  private youngBytes = 0;
  private oldBytes = 0;

  constructor({ maxBytes = MEMORY_JOURNAL_MAX_BYTES }: MemoryJournalOptions = {}) {
    this.maxBytes = maxBytes;
    this.generationBytes = maxBytes / 2;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  service(name: string): MemoryServiceJournal {
    let journal = this.services.get(name);
    if (!journal) this.services.set(name, (journal = new MemoryServiceJournal((bytes) => this.grow(bytes))));
    return journal;
  }

  all(): Iterable<readonly [name: string, journal: MemoryServiceJournal]> {
    return this.services;
  }

  health(): JournalHealth {
    let entries = 0;
    for (const service of this.services.values()) entries += service.size;
    return { kind: 'memory', entries, bytes: this.youngBytes + this.oldBytes };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private grow(bytes: number): void {
    this.youngBytes += bytes;
    if (this.youngBytes < this.generationBytes) return;
    this.oldBytes = this.youngBytes;
    this.youngBytes = 0;
    for (const service of this.services.values()) service.rotate();
  }
}

export class MemoryServiceJournal implements ServiceJournal {
  /** Begun, and not acknowledged by the engine: never dropped (X1, X4). Small, so that most look-ups end here. */
  private readonly open = new Map<string, MemoryRecord>();
  /** Acknowledged, or fenced before they began, in two generations. */
  private young = new Map<string, MemoryRecord>();
  private old = new Map<string, MemoryRecord>();

  constructor(private readonly grow: (bytes: number) => void) {}

  get size(): number {
    return this.open.size + this.young.size + this.old.size;
  }

  find(key: string): MemoryRecord | undefined {
    return this.open.get(key) ?? this.young.get(key) ?? this.old.get(key);
  }

  begin(key: string, attempt: number, changedAt = 0): void {
    // An entry of an earlier attempt is no longer found, and is dropped with its generation.
    this.open.set(key, { attempts: attempt, outcome: undefined, acknowledged: false, fence: undefined, changedAt });
  }

  settle(key: string, outcome: Outcome): void {
    const record = this.open.get(key);
    if (record) record.outcome = outcome;
  }

  fence(key: string, status: FenceStatus, changedAt = 0): void {
    const open = this.open.get(key);
    if (open) {
      open.fence = status;
      open.changedAt = changedAt;
      return;
    }
    // In the younger generation in any case: a fence lasts as long as an outcome of now.
    const known = this.young.get(key) ?? this.old.get(key);
    const record = known ?? { attempts: 0, outcome: undefined, acknowledged: false, changedAt };
    this.young.set(key, { ...record, fence: status });
    this.grow(entryBytes(key, known?.outcome));
  }

  acknowledge(key: string): void {
    const record = this.open.get(key);
    if (!record?.outcome) return;
    this.open.delete(key);
    record.acknowledged = true;
    this.young.set(key, record);
    this.grow(entryBytes(key, record.outcome));
  }

  unacknowledged(): Iterable<readonly [string, Outcome]> {
    return [];
  }

  /** Drops a key that is begun, or whose outcome is not acknowledged. */
  forget(key: string): void {
    this.open.delete(key);
  }

  /** Drops keys without an outcome that were begun and fenced before this time. */
  forgetBegunBefore(time: number): void {
    for (const [key, { outcome, changedAt }] of this.open) if (!outcome && changedAt < time) this.open.delete(key);
  }

  /** Begun, and not acknowledged by the engine. */
  pending(): Iterable<readonly [string, MemoryRecord]> {
    return this.open;
  }

  /** Begins a new generation and drops the one before the last. */
  rotate(): void {
    this.old = this.young;
    this.young = new Map();
  }
}
