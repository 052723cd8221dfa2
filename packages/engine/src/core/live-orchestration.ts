/** One orchestration that can still move, as the core holds it. */
import { deferred, type Timer } from '@orra-ts/common';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { initialState, replay } from '../domain/orchestration/evolve';
import type { OrchestrationState } from '../domain/orchestration/state';
import type { Assignment } from './assignment';

/** What is decided and goes to the journal with the next group commit. */
export interface PendingBatch {
  readonly events: OrchestrationEvent[];
  readonly committed: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class LiveOrchestration {
  /** With everything decided so far; the journal may be a group commit behind. */
  state: OrchestrationState = initialState;
  /** Number of events in the journal. */
  stored = 0;
  pending: PendingBatch | undefined;
  /** Resolves when what was decided last is committed; undefined when everything is. */
  lastCommit: Promise<void> | undefined;
  private planningEnd: AbortController | undefined;
  timer: Timer | undefined;
  timerAt = Infinity;
  /** Work handed out, by key. */
  readonly assignments = new Map<string, Assignment>();

  /** One whose events are all in the journal. */
  static from(events: readonly OrchestrationEvent[]): LiveOrchestration {
    const orchestration = new LiveOrchestration();
    orchestration.state = replay(events);
    orchestration.stored = events.length;
    return orchestration;
  }

  /** Aborts when its plan is not needed any more. Created on demand: most plans are returned at once. */
  get planningSignal(): AbortSignal {
    this.planningEnd ??= new AbortController();
    return this.planningEnd.signal;
  }

  endPlanning(reason: unknown): void {
    this.planningEnd?.abort(reason);
  }

  add(events: readonly OrchestrationEvent[]): PendingBatch {
    this.pending ??= newBatch();
    this.pending.events.push(...events);
    this.lastCommit = this.pending.committed;
    return this.pending;
  }
}

function newBatch(): PendingBatch {
  const { promise: committed, resolve, reject } = deferred();
  // Not everything that is decided has somebody waiting for it; a failed commit is reported by the committer.
  committed.catch(() => undefined);
  return { events: [], committed, resolve, reject };
}
