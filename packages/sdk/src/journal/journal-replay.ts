/**
 * Reads the lines of a journal's log back into memory. Lines may be missing, because a failed write or a power failure lost
 * them, and carried-over lines repeat older ones.
 */
import type { FenceStatus, Outcome } from './execution-journal';
import type { MemoryJournal } from './memory-journal';

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
  /** Keys whose last begin record had no effect, so that its outcome and ACK have none either. */
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
        if (this.isTooOld(beganAt) || this.isKnown(service, key, attempt)) return void this.ignored.add(name);
        this.ignored.delete(name);
        journal.begin(key, attempt, beganAt);
        if (kind === 'b') return;
        if (line[5]) journal.settle(key, line[5]);
        if (line[6]) journal.fence(key, line[6]);
        return;
      }
      case 's':
        if (this.ignored.has(name)) return;
        // The outcome was synced; its begin record need not have reached the disk.
        if (!journal.find(key)) journal.begin(key, 1, this.now());
        return journal.settle(key, line[3]);
      case 'f':
        if (!this.isTooOld(line[4])) journal.fence(key, line[3]);
        return;
      case 'a':
        if (!this.ignored.has(name)) journal.acknowledge(key);
        return;
    }
  }

  private isTooOld(at: number): boolean {
    return this.now() - at > this.ttlMs;
  }

  /** The outcome or the fence of this attempt, or of a later one, was read already. */
  private isKnown(service: string, key: string, attempt: number): boolean {
    const record = this.memory.service(service).find(key);
    if (!record || record.attempts < attempt) return false;
    return record.outcome !== undefined || record.fence !== undefined;
  }
}
