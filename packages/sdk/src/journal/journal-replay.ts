/**
 * Reads the lines of a journal's log back into memory. Lines may be missing, because a failed write or a power failure
 * lost them, and carried-over lines repeat older ones.
 */
import type { FenceStatus, Outcome } from './execution-journal';
import type { MemoryJournal, MemoryServiceJournal } from './memory-journal';

/** One line of the log: begin, outcome, fence, ACK, or a whole entry that is carried over from older segments. */
export type Line =
  | readonly ['b', service: string, key: string, attempt: number, beganAt: number]
  | readonly ['s', service: string, key: string, outcome: Outcome]
  /** Earlier versions did not store the time. */
  | readonly ['a', service: string, key: string, acknowledgedAt?: number]
  | readonly ['f', service: string, key: string, status: FenceStatus, fencedAt: number]
  | readonly [
      'c',
      service: string,
      key: string,
      attempt: number,
      changedAt: number,
      outcome: Outcome | null,
      fence: FenceStatus | null,
    ];

export interface ReplayOptions {
  readonly memory: MemoryJournal;
  readonly now: number;
  /** Older acknowledged outcomes, and older fences of keys that never began, are forgotten. */
  readonly ttlMs: number;
}

export class JournalReplay {
  /** Keys whose last begin record belongs to an earlier attempt than the one known, and so do its outcome and ACK. */
  private readonly ignored = new Set<string>();

  constructor(private readonly options: ReplayOptions) {}

  /**
   * @param segmentChangedAt time of the last write of the line's segment
   * @returns false if this is not a line of a journal
   */
  add(text: string, segmentChangedAt: number): boolean {
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      return false;
    }
    if (!Array.isArray(line)) return false;
    const [kind, service, key] = line;
    const journal = this.options.memory.service(service);
    switch (kind) {
      case 'b':
      case 'c':
        this.begin(journal, line);
        return true;
      case 's':
        if (this.isIgnored(service, key)) return true;
        this.beginIfLost(journal, key, segmentChangedAt);
        journal.settle(key, line[3]);
        return true;
      case 'f':
        this.fence(journal, line);
        return true;
      case 'a':
        if (this.isIgnored(service, key)) return true;
        if (this.isTooOld(line[3] ?? segmentChangedAt)) journal.forget(key);
        else journal.acknowledge(key);
        return true;
      default:
        return false;
    }
  }

  private begin(journal: MemoryServiceJournal, line: Extract<Line, readonly ['b' | 'c', ...unknown[]]>): void {
    const [kind, service, key, attempt, changedAt] = line;
    const name = nameOf(service, key);
    const known = journal.find(key);
    const ended = known?.outcome !== undefined || known?.fence !== undefined ? known.attempts : 0;
    if (ended > attempt) return void this.ignored.add(name);
    this.ignored.delete(name);
    // The outcome or the fence of this attempt may have been read already.
    if (ended < attempt) journal.begin(key, attempt, changedAt);
    if (kind === 'b') return;
    const [, , , , , outcome, fence] = line;
    if (outcome) journal.settle(key, outcome);
    if (fence) journal.fence(key, fence, changedAt);
  }

  private fence(
    journal: MemoryServiceJournal,
    [, , key, status, fencedAt]: Extract<Line, readonly ['f', ...unknown[]]>,
  ) {
    const record = journal.find(key);
    const isOpen = record !== undefined && !record.acknowledged;
    if (isOpen || !this.isTooOld(fencedAt)) journal.fence(key, status, fencedAt);
  }

  /** An outcome is synced; the record of its begin need not have reached the disk. */
  private beginIfLost(journal: MemoryServiceJournal, key: string, at: number): void {
    const known = journal.find(key);
    // After an ACK, an outcome can only be that of the next attempt.
    if (!known || known.acknowledged) journal.begin(key, (known?.attempts ?? 0) + 1, at);
  }

  private isIgnored(service: string, key: string): boolean {
    return this.ignored.size > 0 && this.ignored.has(nameOf(service, key));
  }

  private isTooOld(at: number): boolean {
    return this.options.now - at > this.options.ttlMs;
  }
}

const nameOf = (service: string, key: string): string => JSON.stringify([service, key]);
