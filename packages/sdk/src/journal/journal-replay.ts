/**
 * Reads the lines of a journal's log back into memory. Lines may be missing, because a failed write or a power failure lost
 * them, and carried-over lines repeat older ones.
 */
import type { FenceStatus, Outcome } from './execution-journal';
import type { MemoryJournal, MemoryServiceJournal } from './memory-journal';

/** One line of the log: begin, outcome, fence, ACK, or a whole entry that is carried over from older segments. */
export type Line =
  | readonly ['b', service: string, key: string, attempt: number, beganAt: number]
  | readonly ['s', service: string, key: string, outcome: Outcome]
  | readonly ['a', service: string, key: string]
  | readonly ['f', service: string, key: string, status: FenceStatus, fencedAt: number]
  | readonly [
      'c',
      service: string,
      key: string,
      attempt: number,
      beganAt: number,
      outcome: Outcome | null,
      fence: FenceStatus | null,
    ];

export class JournalReplay {
  /** Keys whose last begin record is outdated, so that its outcome and ACK have no effect either. */
  private readonly ignored = new Set<string>();

  constructor(
    private readonly memory: MemoryJournal,
    private readonly now: () => number,
    /** Older entries are forgotten. */
    private readonly ttlMs: number,
  ) {}

  /** Ignores a line that cannot be read, such as the incomplete last line of a process that was killed. */
  add(text: string): void {
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      return;
    }
    if (!Array.isArray(line)) return;
    const [kind, service, key] = line;
    const journal = this.memory.service(service);
    const name = JSON.stringify([service, key]);
    switch (kind) {
      case 'b':
      case 'c': {
        const [, , , attempt, beganAt] = line;
        const known = journal.find(key);
        const isKnown = known?.outcome !== undefined || known?.fence !== undefined;
        if (this.isTooOld(beganAt) || (isKnown && known.attempts > attempt)) return void this.ignored.add(name);
        this.ignored.delete(name);
        if (!isKnown || known.attempts < attempt) journal.begin(key, attempt, beganAt);
        if (kind === 'b') return;
        if (line[5]) journal.settle(key, line[5]);
        if (line[6]) journal.fence(key, line[6]);
        return;
      }
      case 's':
        if (this.ignored.has(name)) return;
        this.beginIfLost(journal, key);
        return journal.settle(key, line[3]);
      case 'f':
        if (!this.isTooOld(line[4])) journal.fence(key, line[3]);
        return;
      case 'a':
        if (!this.ignored.has(name)) journal.acknowledge(key);
        return;
    }
  }

  /** An outcome is synced; the record of its begin need not have reached the disk. */
  private beginIfLost(journal: MemoryServiceJournal, key: string): void {
    const known = journal.find(key);
    // After an ACK, an outcome can only be that of the next attempt.
    if (!known || known.acknowledged) journal.begin(key, (known?.attempts ?? 0) + 1, this.now());
  }

  private isTooOld(at: number): boolean {
    return this.now() - at > this.ttlMs;
  }
}
