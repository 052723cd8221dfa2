/** The journal's entry in memory for an open orchestration: positions of its events in the log, but not the events. */
import type { OrchestrationId, ProjectId } from '@orra-ts/protocol';
import type { OrchestrationSummary } from './journal';

/** A log row that a start has to read. */
export interface UnsettledRow {
  readonly id: number;
  /** Length of the row in characters. */
  readonly size: number;
  /** Open orchestrations whose row in `orchestrations` does not list it yet; without any, the log row is settled. */
  readonly needed: Set<OpenLogEntry>;
}

export class OpenLogEntry {
  /** Number of events. */
  sequence = 0;
  /** It has a row in `orchestrations`, which may be outdated. */
  hasRow = false;
  /** Ids of the log rows that contain its events, oldest first. */
  olderRows: readonly number[] = [];
  /** Number of events in `olderRows`. */
  olderSequence = 0;
  /** Rows after `olderRows`; few, because they are merged into one. */
  recentRows: readonly number[] = [];
  /** Length of its own events in `recentRows`, in characters. */
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

  /** Records that a start must read this row for the entry. */
  needs(row: UnsettledRow): void {
    if (row.needed.has(this)) return;
    row.needed.add(this);
    this.neededRows.push(row);
  }

  /** Records that its row in `orchestrations` is up to date. */
  settle(): void {
    this.hasRow = true;
    for (const row of this.neededRows) row.needed.delete(this);
    this.neededRows.length = 0;
  }
}
