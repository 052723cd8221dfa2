/**
 * The journal's port: everything that survives a restart is behind it. One engine owns one or more shards and appends
 * under an epoch, so that a store shared by several engines can refuse an owner that was replaced. The embedded store
 * has one shard and counts its starts.
 */
import type { OrraError } from '@orra-ts/common';
import type {
  CompensationFailureKind,
  OrchestrationId,
  OrchestrationStatus,
  ProjectId,
  ResolutionState,
} from '@orra-ts/protocol';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import type { CompensationFailure } from '../domain/orchestration/state';

export interface Append {
  readonly shard: number;
  /** The owner's epoch; see `Journal.epoch`. */
  readonly epoch: number;
  readonly orchestrationId: OrchestrationId;
  readonly projectId: ProjectId;
  /** Number of events already stored; 0 for a new orchestration. */
  readonly expectedSequence: number;
  readonly events: readonly OrchestrationEvent[];
  /** The members that lists show, after these events. */
  readonly summary: OrchestrationSummary;
  /**
   * False: nothing more can happen, so the next start does not load the orchestration. Later appends are still allowed
   * (a retried compensation).
   */
  readonly open: boolean;
  /** Records for an operator, as they are after these events. */
  readonly failures?: readonly StoredFailure[];
  /**
   * Keys under which services may still respond after these events, for `findKey`. Needed only in an append that takes
   * the orchestration out of memory (`open: false`): the keys of open orchestrations are known from their state. A key
   * that is stored already gets the new values.
   */
  readonly keys?: readonly StoredKey[];
}

/** An idempotency key that a service has, and what it stands for in its orchestration. */
export interface StoredKey {
  readonly serviceId: string;
  readonly key: string;
  readonly taskId: string;
  /** `compensation`: the key of a revert of the task. */
  readonly kind: 'task' | 'compensation';
  /** Which revert of the task, and its round, if the key is that of a revert. */
  readonly revertId?: string;
  readonly round?: number;
  /** Milliseconds since 1970. The key is kept until then, and as long as a record of its orchestration is pending. */
  readonly keepUntil: number;
}

export interface FoundKey extends StoredKey {
  readonly orchestrationId: OrchestrationId;
}

/** A record with what an operator needs to know about its orchestration. Times are milliseconds since 1970. */
export interface StoredFailure extends CompensationFailure {
  readonly projectId: ProjectId;
  readonly orchestrationId: OrchestrationId;
  readonly taskId: string;
  readonly serviceId: string;
  readonly serviceName: string;
  /** The input of the revert; null if the task has no output. */
  readonly data: unknown;
  readonly context: { readonly reason: string; readonly payload?: unknown; readonly at: number };
  readonly ttlMs: number;
}

export interface FailureFilter {
  /** @default 1000 */
  readonly limit?: number;
  readonly kind?: CompensationFailureKind;
  readonly resolutionState?: ResolutionState;
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
    readonly partial?: number;
    readonly inDoubt?: number;
  };
}

export type AppendOutcome =
  | { readonly kind: 'committed' }
  /** Another append came first: load again and decide again. */
  | { readonly kind: 'conflict'; readonly sequence: number }
  /** The shard has another owner: stop. */
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
  /** Number of all events of the orchestration. */
  readonly sequence: number;
}

/** Events that were committed in a project after a position. */
export interface CommittedPart {
  readonly events: readonly {
    readonly orchestrationId: OrchestrationId;
    readonly event: OrchestrationEvent;
    /** Position directly after this entry. */
    readonly position: string;
  }[];
  /** Position at which to continue. */
  readonly position: string;
  /** Nothing was stored after it when this was read. */
  readonly atEnd: boolean;
}

export interface Journal {
  /** Counts the starts of this store's owner. */
  readonly epoch: number;
  /**
   * Makes all appends durable in one transaction (group commit), and resolves with their results in the same order. An
   * append that conflicts does not affect the others.
   *
   * @throws OrraError `ORRA_JOURNAL_WRITE_FAILED` when nothing of it was stored
   */
  append(appends: readonly Append[]): Promise<readonly AppendOutcome[]>;
  /**
   * Every open orchestration in order of submission, one at a time, so that a start needs little memory.
   *
   * @param onUnreadable called for each one that cannot be read; it is skipped. @default the iteration throws
   */
  open(onUnreadable?: (id: OrchestrationId, error: OrraError) => void): AsyncIterable<StoredOrchestration>;
  load(id: OrchestrationId): Promise<StoredOrchestration | undefined>;
  /** At most `limit` events of one orchestration, from event number `from` (>= 0). */
  part(id: OrchestrationId, from: number, limit: number): Promise<HistoryPart | undefined>;
  /**
   * A bounded part of what was committed in a project after a position, in order. It may be empty although more
   * follows.
   *
   * @param position from an earlier response or from `position`, of any engine on this store
   * @throws OrraError `ORRA_INVALID_POSITION`
   */
  committedAfter(projectId: ProjectId, position: string, limit: number): Promise<CommittedPart>;
  /** The position after everything that is committed. */
  position(): string;
  /** Newest change first. */
  list(projectId: ProjectId, options?: { readonly limit?: number }): Promise<readonly ListedOrchestration[]>;
  /** Newest first; shortened when the records are very large. */
  failures(projectId: ProjectId, options?: FailureFilter): Promise<readonly StoredFailure[]>;
  /** Regardless of the project. */
  failure(id: string): Promise<StoredFailure | undefined>;
  /**
   * The orchestration, task and kind of a key, from the `keys` of committed appends; undefined if it was never stored
   * or is forgotten. It survives restarts. A key of another service is never found (E7).
   */
  findKey(serviceId: string, key: string): Promise<FoundKey | undefined>;
  /**
   * Forgets keys whose `keepUntil` is before this time, except those of orchestrations with a pending record. Removes
   * at most 1,000 keys per call and resolves with their number (E8), so a caller repeats it until that is 0.
   */
  forgetKeysBefore(time: number): Promise<number>;
  close(): Promise<void>;
}
