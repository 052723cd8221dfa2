/** What the journal keeps in memory: where in the log the events of an open orchestration are, never the events. */
import type { OrchestrationId, ProjectId } from '@orra-ts/protocol';
import type { OrchestrationSummary } from './journal';

/** One row of the log that a start has to read. */
export interface UnsettledRow {
  readonly id: number;
  /** Length of its text. */
  readonly size: number;
  /** Open orchestrations whose row in `orchestrations` does not know of it yet; with none left it is settled. */
  readonly needed: Set<OpenLogEntry>;
}

export class OpenLogEntry {
  /** Number of events. */
  sequence = 0;
  /** It has a row in `orchestrations`, which may be behind. */
  hasRow = false;
  /** Ids of the rows of the log that hold its events, oldest first. */
  olderRows: readonly number[] = [];
  /** Number of events in `olderRows`. */
  olderSequence = 0;
  /** Those after `olderRows`: not many, because they are merged into one before long. */
  recentRows: readonly number[] = [];
  /** Length of its own events in `recentRows`. */
  recentSize = 0;
  summary!: OrchestrationSummary;
  private readonly neededRows: UnsettledRow[] = [];

  constructor(
    /** Order of submission. */
    readonly number: number,
    readonly id: OrchestrationId,
    readonly projectId: ProjectId,
  ) {}

  get rows(): readonly number[] {
    return [...this.olderRows, ...this.recentRows];
  }

  /** A start must read this row for it. */
  needs(row: UnsettledRow): void {
    if (row.needed.has(this)) return;
    row.needed.add(this);
    this.neededRows.push(row);
  }

  /** Its row in `orchestrations` knows everything. */
  settle(): void {
    this.hasRow = true;
    for (const row of this.neededRows) row.needed.delete(this);
    this.neededRows.length = 0;
  }
}
