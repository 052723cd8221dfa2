/** A start: rebuilds from the database what the journal keeps in memory. */
import { OrraError } from '@orra-ts/common';
import type { OrchestrationId, ProjectId } from '@orra-ts/protocol';
import type { SqlDatabase } from '../storage/sql-driver';
import type { Archive } from './archive';
import { decodeBatch, type LogMember } from './log-format';
import { OpenOrchestration, type LogBatch } from './open-orchestration';

export interface Recovered {
  readonly open: Map<string, OpenOrchestration>;
  /** Oldest first. */
  readonly log: LogBatch[];
  readonly lastNumber: number;
}

/** One batch in memory at a time; the events of the open ones stay. */
export function recover(database: SqlDatabase, archive: Archive): Recovered {
  const replay = new Replay(archive);
  const nextBatch = database.prepare('SELECT id, members FROM batches WHERE id > ? ORDER BY id LIMIT 1');
  const log: LogBatch[] = [];
  for (let row = nextBatch.get(0); row; row = nextBatch.get(row.id as number)) {
    const text = row.members as string;
    const batch: LogBatch = { id: row.id as number, size: text.length, needed: new Set() };
    for (const member of decodeBatch(text)) replay.add(batch, member);
    log.push(batch);
  }
  return { open: replay.finish(), log, lastNumber: replay.lastNumber };
}

class Replay {
  lastNumber: number;
  private readonly open = new Map<string, OpenOrchestration>();
  /** Closed when their archive row was written; appends that the log holds beyond it open them again. */
  private readonly closed = new Set<OpenOrchestration>();

  constructor(private readonly archive: Archive) {
    this.lastNumber = archive.lastNumber();
    for (const orchestration of archive.open()) this.open.set(orchestration.id, orchestration);
  }

  add(batch: LogBatch, member: LogMember): void {
    const orchestration = this.find(member);
    this.lastNumber = Math.max(this.lastNumber, orchestration.number);
    if (member.from + member.count <= orchestration.archived) return;
    if (member.from !== orchestration.sequence) throw damaged(member, orchestration.sequence);
    const summary = { ...orchestration.summary, ...member.progress, ...identityOf(member) };
    // A member that is `undefined` in the newer summary was left out of the JSON and must not survive from the older.
    if (!('error' in member.progress)) delete (summary as { error?: unknown }).error;
    if (!('compensation' in member.progress)) delete (summary as { compensation?: unknown }).compensation;
    // A copy, because a slice would keep the whole batch's text in memory.
    orchestration.extend(batch, member.count, Buffer.from(member.events).toString(), summary);
  }

  /** Closing writes the archive in the same transaction: whoever has events beyond it is open. */
  finish(): Map<string, OpenOrchestration> {
    for (const orchestration of this.closed) {
      if (orchestration.sequence === orchestration.archived) this.open.delete(orchestration.id);
    }
    return this.open;
  }

  private find(member: LogMember): OpenOrchestration {
    const known = this.open.get(member.id);
    if (known) return known;
    const found = this.archive.find(member.id);
    if (found) this.closed.add(found.orchestration);
    else if (member.from !== 0 || !member.identity) throw damaged(member, 0);
    const orchestration =
      found?.orchestration ??
      new OpenOrchestration(member.number, member.id as OrchestrationId, member.identity?.projectId as ProjectId);
    this.open.set(member.id, orchestration);
    return orchestration;
  }
}

function identityOf({ identity }: LogMember): { action: string; submittedAt: number } | undefined {
  return identity && { action: identity.action, submittedAt: identity.submittedAt };
}

const damaged = (member: LogMember, expected: number): OrraError =>
  new OrraError(
    'ORRA_STORAGE_DAMAGED',
    `The engine's journal is damaged: orchestration ${member.id} goes on at event ${member.from}, but ${expected} events ` +
      `of it are there. Restore the storage folder (option \`storage\`, environment variable STORAGE_PATH) from a copy.`,
    { details: { orchestrationId: member.id, from: member.from, expected } },
  );
