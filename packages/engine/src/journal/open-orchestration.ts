/** What the journal keeps in memory: the open orchestrations and which part of the log each of them needs. */
import type { OrchestrationId, ProjectId } from '@orra-ts/protocol';
import { joinEvents } from './log-format';
import type { OrchestrationSummary } from './journal';

/** One row of the log. */
export interface LogBatch {
  readonly id: number;
  /** Length of its text. */
  readonly size: number;
  /** Open orchestrations with events in it that are nowhere else; with none left it may be pruned. */
  readonly needed: Set<OpenOrchestration>;
}

export class OpenOrchestration {
  /** Events that are archived; those after them are in `tail`. */
  archived = 0;
  sequence = 0;
  /** It has a row in `orchestrations`. */
  hasRow = false;
  /** Events that only the log holds: JSON texts joined by commas. */
  tail = '';
  summary!: OrchestrationSummary;
  private readonly batches: LogBatch[] = [];

  constructor(
    /** Order of submission. */
    readonly number: number,
    readonly id: OrchestrationId,
    readonly projectId: ProjectId,
  ) {}

  /** Adds events that `batch` holds. */
  extend(batch: LogBatch, count: number, events: string, summary: OrchestrationSummary): void {
    this.sequence += count;
    this.tail = joinEvents(this.tail, events);
    this.summary = summary;
    if (this.batches.at(-1) !== batch) this.batches.push(batch);
    batch.needed.add(this);
  }

  /** Everything up to here is archived: the log is not needed any more. */
  settle(): void {
    this.archived = this.sequence;
    this.hasRow = true;
    this.tail = '';
    for (const batch of this.batches) batch.needed.delete(this);
    this.batches.length = 0;
  }
}
