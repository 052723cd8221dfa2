import type { ServerSentEvent } from './sse-parser';

/** More than an engine repeats; what is older is forgotten. */
const REMEMBERED_IDS = 10_000;

/** How far a stream has been read, over all of its connections. Ids are the engine's own: they are compared, not understood. */
export class EventCursor {
  /** Events that were new. */
  count = 0;
  /** The orchestration has ended; its compensation may go on. */
  hasEnded = false;
  private connection = 0;
  /** The connection on which each id was first seen, oldest first. */
  private readonly seen = new Map<string, number>();

  constructor(public lastEventId?: string) {
    if (lastEventId !== undefined) this.seen.set(lastEventId, 0);
  }

  nextConnection(): void {
    this.connection++;
  }

  /**
   * Whether it has not come before. Only what came on an earlier connection can come twice: events of one connection may
   * share a position.
   */
  take({ id, hasOwnId }: ServerSentEvent): boolean {
    if (hasOwnId) {
      if ((this.seen.get(id) ?? this.connection) < this.connection) return false;
      if (!this.seen.has(id)) this.remember(id);
      this.lastEventId = id;
    }
    this.count++;
    return true;
  }

  private remember(id: string): void {
    this.seen.set(id, this.connection);
    const [oldest] = this.seen.keys();
    if (this.seen.size > REMEMBERED_IDS && oldest !== undefined) this.seen.delete(oldest);
  }
}
