/** The appends of one transaction, before they are committed. */
import type { Append, AppendOutcome, OrchestrationSummary } from './journal';
import { encodeEvents, encodeMember, encodeRow, progressOf } from './log-format';
import { OpenLogEntry } from './open-log-entry';

/** One append, or several appends of one orchestration in the same group. */
export interface Staged {
  readonly orchestration: OpenLogEntry;
  readonly wasOpen: boolean;
  open: boolean;
  sequence: number;
  summary: OrchestrationSummary;
  olderRows: readonly number[];
  olderSequence: number;
  recentRows: readonly number[];
  recentSize: number;
  /** Log rows of this group that contain its events. */
  readonly newRows: number[];
}

/**
 * Length at which a row of the log is closed: short enough to be read for one of the many orchestrations in it, long
 * enough that the cost per row does not matter.
 */
const ROW_SIZE = 64 * 1024;

const COMMITTED: AppendOutcome = { kind: 'committed' };

export class Group {
  readonly staged = new Map<string, Staged>();
  private readonly rows: string[][] = [];
  private rowSize = Infinity;

  constructor(
    private readonly findOpen: (id: string) => OpenLogEntry | undefined,
    private readonly findClosed: (id: string) => OpenLogEntry | undefined,
    public lastNumber: number,
    private readonly lastRowId: number,
  ) {}

  add(append: Append): AppendOutcome {
    const { orchestrationId: id, projectId, expectedSequence: from, events, summary } = append;
    const staged = this.staged.get(id) ?? this.begin(append);
    const sequence = staged?.sequence ?? 0;
    if (!staged || from !== sequence) return { kind: 'conflict', sequence };
    this.staged.set(id, staged);
    const { action, submittedAt } = summary;
    const text = encodeEvents(events);
    const row = this.write(
      encodeMember({
        id,
        number: staged.orchestration.number,
        from,
        count: events.length,
        progress: progressOf(summary),
        identity: from === 0 ? { projectId, action, submittedAt } : undefined,
        events: text,
      }),
    );
    staged.sequence += events.length;
    staged.summary = summary;
    staged.open = append.open;
    staged.recentSize += text.length;
    if (staged.newRows.at(-1) !== row) {
      staged.newRows.push(row);
      staged.recentRows = [...staged.recentRows, row];
    }
    return COMMITTED;
  }

  /** Id of the first row that this group adds. */
  texts(): string[] {
    return this.rows.map(encodeRow);
  }

  /** Undefined: the orchestration does not exist, and this append does not create it. */
  private begin({ orchestrationId: id, projectId, expectedSequence, summary, open }: Append): Staged | undefined {
    const openOne = this.findOpen(id);
    let orchestration = openOne ?? this.findClosed(id);
    if (!orchestration) {
      if (expectedSequence !== 0) return undefined;
      orchestration = new OpenLogEntry(++this.lastNumber, id, projectId);
    }
    return { ...unchanged(orchestration), wasOpen: openOne !== undefined, open, summary };
  }

  /** Returns the id of the row that contains it. */
  private write(member: string): number {
    if (this.rowSize >= ROW_SIZE) {
      this.rows.push([]);
      this.rowSize = 0;
    }
    this.rows.at(-1)?.push(member);
    this.rowSize += member.length;
    return this.lastRowId + this.rows.length;
  }
}

/** A copy of an open entry, which the group may change. */
export function unchanged(orchestration: OpenLogEntry): Staged {
  const { sequence, summary, olderRows, olderSequence, recentRows, recentSize } = orchestration;
  const rows = { olderRows, olderSequence, recentRows, recentSize, newRows: [] };
  return { orchestration, wasOpen: true, open: true, sequence, summary, ...rows };
}
