/**
 * Committed events for followers. A follower reads a bounded part of the journal at a time and is notified when there is
 * more. So it receives only committed events (E3), no queue can grow (E8), and it can resume where it stopped.
 */
import { type OrchestrationId, type ProjectId, type StreamEvent } from '@orra-ts/protocol';
import { engineError } from '../errors';
import { replay } from '../domain/orchestration/evolve';
import { isSettled } from '../domain/orchestration/settled';
import type { OrchestrationState } from '../domain/orchestration/state';
import type { Journal } from '../journal/journal';
import { factsOf, toStreamEvent, type StreamFacts } from '../views/stream-event';

export interface PositionedEvent {
  readonly id: string;
  readonly event: StreamEvent;
}

/** One part of a stream. */
export interface StreamPart {
  readonly events: readonly PositionedEvent[];
  /** The follower has read everything that is committed. */
  readonly atEnd: boolean;
  /** The stream has ended. */
  readonly over: boolean;
}

/** A follower's position in a stream. */
export interface StreamReader {
  /** Position before the first event. */
  readonly position: string;
  next(): Promise<StreamPart>;
  /** Calls back when there may be more. Returns a function that unsubscribes. */
  onMore(callback: () => void): () => void;
}

/** Maximum events of one part. */
const PART = 200;
/** Number of closed orchestrations whose task names a project's stream keeps. */
const REMEMBERED = 256;

export class EventFeed {
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly remembered = new Map<string, StreamFacts>();

  constructor(
    private readonly journal: Journal,
    /** Returns the state with everything decided, while the orchestration is live. */
    private readonly openState: (id: string) => OrchestrationState | undefined,
  ) {}

  /** Notifies the followers of an orchestration that it has new committed events. */
  committed({ id, projectId }: OrchestrationState): void {
    for (const key of [id, projectId]) for (const callback of this.listeners.get(key) ?? []) callback();
  }

  /**
   * From the first event, or after a position. Undefined if the project does not have this orchestration.
   *
   * @param project undefined for the holder of a read token
   * @throws OrraError `ORRA_INVALID_POSITION`
   */
  async ofOrchestration(
    project: { readonly id: ProjectId } | undefined,
    id: string,
    position: string | undefined,
  ): Promise<StreamReader | undefined> {
    const known = await this.journal.part(id as OrchestrationId, 0, 1);
    if (!known || (project && known.projectId !== project.id)) return undefined;
    let from = position === undefined ? 0 : parseCount(position);
    const isGuest = project === undefined;
    return {
      position: String(from),
      next: async () => {
        const { events = [], sequence = 0 } = (await this.journal.part(id as OrchestrationId, from, PART)) ?? {};
        const facts = { ...(await this.facts(id)), isGuest };
        const first = from;
        from += events.length;
        const atEnd = from >= sequence;
        return {
          events: events.flatMap((event, index) => positioned(event, id, facts, String(first + index + 1))),
          atEnd,
          over: atEnd && this.isOver(id, from),
        };
      },
      onMore: (callback) => this.listen(id, callback),
    };
  }

  /**
   * From the next event, or after a position.
   *
   * @throws OrraError `ORRA_INVALID_POSITION`
   */
  async ofProject({ id: projectId }: { readonly id: ProjectId }, position: string | undefined): Promise<StreamReader> {
    // Rejects a position that cannot be read, before the stream begins.
    if (position !== undefined) await this.journal.committedAfter(projectId, position, 0);
    let from = position ?? this.journal.position();
    return {
      position: from,
      next: async () => {
        const part = await this.journal.committedAfter(projectId, from, PART);
        const events: PositionedEvent[] = [];
        for (const { orchestrationId, event, position: behind } of part.events) {
          events.push(...positioned(event, orchestrationId, await this.facts(orchestrationId), behind));
        }
        from = part.position;
        return { events, atEnd: part.atEnd, over: false };
      },
      onMore: (callback) => this.listen(projectId, callback),
    };
  }

  /** It has ended, and so have its compensations. */
  private isOver(id: string, sequence: number): boolean {
    const state = this.openState(id);
    if (!state) return true;
    return sequence >= state.sequence && isSettled(state);
  }

  private async facts(id: string): Promise<StreamFacts> {
    const open = this.openState(id);
    if (open) return factsOf(open);
    let facts = this.remembered.get(id);
    if (!facts) {
      const stored = await this.journal.load(id as OrchestrationId);
      facts = factsOf(replay(stored?.events ?? []));
      this.remembered.set(id, facts);
      const [oldest] = this.remembered.keys();
      if (this.remembered.size > REMEMBERED && oldest !== undefined) this.remembered.delete(oldest);
    }
    return facts;
  }

  private listen(key: string, callback: () => void): () => void {
    let listeners = this.listeners.get(key);
    if (!listeners) this.listeners.set(key, (listeners = new Set()));
    listeners.add(callback);
    return () => {
      listeners.delete(callback);
      if (listeners.size === 0 && this.listeners.get(key) === listeners) this.listeners.delete(key);
    };
  }
}

function positioned(
  event: Parameters<typeof toStreamEvent>[0],
  orchestrationId: string,
  facts: StreamFacts,
  id: string,
): PositionedEvent[] {
  const shown = toStreamEvent(event, orchestrationId, facts);
  return shown ? [{ id, event: shown }] : [];
}

function parseCount(position: string): number {
  if (/^\d{1,9}$/.test(position)) return Number(position);
  throw engineError(
    'ORRA_INVALID_POSITION',
    `${JSON.stringify(position.slice(0, 100))} is not a position of this stream; pass the id of one of its events, or none`,
  );
}
