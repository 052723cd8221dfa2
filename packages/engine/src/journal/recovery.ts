/** A start: rebuilds from the tables what the journal keeps in memory. */
import type { OrchestrationId, ProjectId } from '@orra-ts/protocol';
import { damagedLog } from './errors';
import type { LogMember } from './log-format';
import type { LogTable } from './log-table';
import { OpenLogEntry, type UnsettledRow } from './open-log-entry';
import type { OrchestrationTable } from './orchestration-table';
import type { OrchestrationSummary } from './journal';

export interface Recovered {
  readonly open: Map<string, OpenLogEntry>;
  /** Oldest first. */
  readonly unsettled: UnsettledRow[];
  readonly lastNumber: number;
}

export function recover(log: LogTable, table: OrchestrationTable): Recovered {
  const replay = new Replay(table);
  const unsettled: UnsettledRow[] = [];
  for (const { id, size, members } of log.unsettled()) {
    const row: UnsettledRow = { id, size, needed: new Set() };
    for (const member of members) replay.add(row, member);
    unsettled.push(row);
  }
  return { open: replay.finish(), unsettled, lastNumber: replay.lastNumber };
}

class Replay {
  lastNumber: number;
  private readonly known = new Map<string, OpenLogEntry>();
  /** Rows that say closed, although the log may have reopened the orchestration after them. */
  private readonly closed = new Set<OpenLogEntry>();

  constructor(private readonly table: OrchestrationTable) {
    this.lastNumber = table.lastNumber();
    for (const orchestration of table.open()) this.known.set(orchestration.id, orchestration);
  }

  add(row: UnsettledRow, member: LogMember): void {
    const orchestration = this.find(member);
    this.lastNumber = Math.max(this.lastNumber, orchestration.number);
    // Its row contains it already, or it repeats several earlier members (see `SqliteJournal`).
    if (member.from + member.count <= orchestration.sequence) return;
    if (member.from !== orchestration.sequence) throw damagedLog(member.id, member.from, orchestration.sequence);
    orchestration.sequence += member.count;
    orchestration.summary = summaryAfter(orchestration.summary, member);
    if (orchestration.recentRows.at(-1) !== row.id) orchestration.recentRows = [...orchestration.recentRows, row.id];
    orchestration.recentSize += member.events.length;
    orchestration.needs(row);
  }

  finish(): Map<string, OpenLogEntry> {
    for (const orchestration of this.closed) {
      // Closing writes the row in the same transaction, so an orchestration with later events is open.
      if (orchestration.sequence === orchestration.olderSequence) this.known.delete(orchestration.id);
    }
    return this.known;
  }

  private find(member: LogMember): OpenLogEntry {
    const known = this.known.get(member.id);
    if (known) return known;
    const orchestration = this.table.find(member.id)?.orchestration;
    if (orchestration) this.closed.add(orchestration);
    else if (member.from !== 0 || !member.identity) throw damagedLog(member.id, member.from, 0);
    const found =
      orchestration ??
      new OpenLogEntry(member.number, member.id as OrchestrationId, member.identity?.projectId as ProjectId);
    this.known.set(member.id, found);
    return found;
  }
}

function summaryAfter(before: OrchestrationSummary | undefined, member: LogMember): OrchestrationSummary {
  const { action, submittedAt } = member.identity ?? (before as OrchestrationSummary);
  return { action, submittedAt, ...member.progress };
}
