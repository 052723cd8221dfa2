/** One orchestration that is not over, in memory. */
import { deferred, type Timer } from '@orra-ts/common';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { withTimesUntil } from '../domain/orchestration/restored-times';
import { initialState, replay } from '../domain/orchestration/evolve';
import type { OrchestrationState } from '../domain/orchestration/state';
import type { Assignment } from './assignment';
import { DeliveryTracker } from './delivery-tracker';

/** Decided events that go to the journal with the next group commit. */
export interface PendingBatch {
  readonly events: OrchestrationEvent[];
  readonly committed: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class LiveOrchestration {
  /** Includes everything decided so far; the journal may be one group commit behind. */
  state: OrchestrationState = initialState;
  /** Number of events in the journal. */
  stored = 0;
  pending: PendingBatch | undefined;
  /** Resolves when the newest events are committed; undefined if all events are. */
  lastCommit: Promise<void> | undefined;
  /** Its first events were loaded; their times count as no later than `latest` (E11). */
  loaded = { events: 0, latest: 0 };
  /** Who has the requests of its tasks. */
  deliveries = new DeliveryTracker();
  private planningEnd: AbortController | undefined;
  timer: Timer | undefined;
  timerAt = Infinity;
  /** By kind, task and round. */
  readonly assignments = new Map<string, Assignment>();

  /**
   * One whose events are all in the journal.
   *
   * @param latest engine time: none of its events happened later
   * @param deliveries who has its requests. @default nobody knows
   */
  static from(events: readonly OrchestrationEvent[], latest: number, deliveries?: DeliveryTracker): LiveOrchestration {
    const orchestration = new LiveOrchestration();
    orchestration.loaded = { events: events.length, latest };
    orchestration.state = replay(withTimesUntil(events, latest));
    orchestration.stored = events.length;
    orchestration.deliveries = deliveries ?? DeliveryTracker.of(orchestration.state);
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
  // Some events have no caller that waits for them; the committer reports a failed commit.
  committed.catch(() => undefined);
  return { events: [], committed, resolve, reject };
}
