/**
 * The journal's port: the only thing that survives. One engine owns one or more shards and appends under an epoch, so
 * that a store shared by several engines can refuse an owner that has been replaced; the embedded store has one shard
 * and counts its boots.
 */
import type { OrchestrationId, OrchestrationStatus, ProjectId, ResolutionState } from '@orra-ts/protocol';
import type { OrchestrationEvent } from '../domain/orchestration/events';

export interface Append {
  readonly shard: number;
  /** Of the owner; see `Journal.epoch`. */
  readonly epoch: number;
  readonly orchestrationId: OrchestrationId;
  readonly projectId: ProjectId;
  /** Number of events that are stored already; 0 for a new orchestration. */
  readonly expectedSequence: number;
  readonly events: readonly OrchestrationEvent[];
  /** What lists need, after these events. */
  readonly summary: OrchestrationSummary;
  /**
   * False: nothing more will happen, the orchestration need not be loaded at the next start. It may still be appended to
   * later (a retried compensation).
   */
  readonly open: boolean;
  /** Records of compensations that were given up, as they are after these events. */
  readonly failures?: readonly StoredFailure[];
}

/** A compensation that was given up, for a person to look at. Times in milliseconds since 1970. */
export interface StoredFailure {
  /** `c_…`. */
  readonly id: string;
  readonly projectId: ProjectId;
  readonly orchestrationId: OrchestrationId;
  readonly taskId: string;
  readonly serviceId: string;
  readonly serviceName: string;
  /** What the revert is given. */
  readonly data: unknown;
  readonly context: { readonly reason: string; readonly payload?: unknown; readonly at: number };
  readonly ttlMs: number;
  readonly status: 'failed' | 'expired';
  readonly error?: string;
  readonly attempts: number;
  readonly at: number;
  readonly resolutionState: ResolutionState;
  readonly resolution?: string;
  readonly resolvedAt?: number;
}

/** A row of `GET /orchestrations`. */
export interface OrchestrationSummary {
  readonly status: OrchestrationStatus;
  readonly action: string;
  readonly submittedAt: number;
  readonly changedAt: number;
  readonly error?: unknown;
  readonly compensation?: {
    readonly active: boolean;
    readonly total: number;
    readonly completed: number;
    readonly failed: number;
  };
}

export type AppendOutcome =
  | { readonly kind: 'committed' }
  /** Something else was appended first: load again and decide anew. */
  | { readonly kind: 'conflict'; readonly sequence: number }
  /** The shard has another owner: stop acting. */
  | { readonly kind: 'fenced' };

export interface StoredOrchestration {
  readonly id: OrchestrationId;
  readonly projectId: ProjectId;
  readonly events: readonly OrchestrationEvent[];
}

export interface ListedOrchestration extends OrchestrationSummary {
  readonly id: OrchestrationId;
}

/** A part of one orchestration's history. */
export interface HistoryPart {
  readonly projectId: ProjectId;
  readonly events: readonly OrchestrationEvent[];
  /** Number of all its events. */
  readonly sequence: number;
}

/** What was committed in a project behind a position. */
export interface CommittedPart {
  readonly events: readonly {
    readonly orchestrationId: OrchestrationId;
    readonly event: OrchestrationEvent;
    /** Directly behind it. */
    readonly position: string;
  }[];
  /** Where to go on. */
  readonly position: string;
  /** There was nothing behind it when this was read. */
  readonly atEnd: boolean;
}

export interface Journal {
  /** Counts the starts of this store's owner. */
  readonly epoch: number;
  /**
   * Makes all appends durable in one transaction (group commit) and answers in the same order. An append that conflicts
   * leaves the others untouched.
   *
   * @throws OrraError `ORRA_JOURNAL_WRITE_FAILED` when nothing of it was stored
   */
  append(appends: readonly Append[]): Promise<readonly AppendOutcome[]>;
  /** Every open orchestration, in order of submission; one at a time, so that a start needs little memory. */
  open(): AsyncIterable<StoredOrchestration>;
  load(id: OrchestrationId): Promise<StoredOrchestration | undefined>;
  /** At most `limit` events of one orchestration, from the one numbered `from` (counted from 0). */
  part(id: OrchestrationId, from: number, limit: number): Promise<HistoryPart | undefined>;
  /**
   * What was committed in a project behind a position, in order; a bounded part of it, which may be empty though more
   * follows.
   *
   * @param position from an earlier answer or from `position`, of whatever engine on this store
   * @throws OrraError `ORRA_INVALID_POSITION`
   */
  committedAfter(projectId: ProjectId, position: string, limit: number): Promise<CommittedPart>;
  /** Behind everything that is committed. */
  position(): string;
  /** Newest change first. */
  list(projectId: ProjectId, options?: { readonly limit?: number }): Promise<readonly ListedOrchestration[]>;
  /** Newest first; fewer than there are when they are very large. */
  failures(projectId: ProjectId, options?: { readonly limit?: number }): Promise<readonly StoredFailure[]>;
  /** Of whatever project. */
  failure(id: string): Promise<StoredFailure | undefined>;
  close(): Promise<void>;
}
