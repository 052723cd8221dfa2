import type { ServerSentEvent } from './sse-parser';

/** More ids than an engine repeats after a reconnect. Older ids are dropped. */
const REMEMBERED_IDS = 10_000;

/** Read position of a stream across its connections. Event ids are opaque: they are only compared. */
export class EventCursor {
  /** Number of new events. */
  count = 0;
  /** The orchestration has ended. Its compensation may continue. */
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
   * Returns whether the event is new. Only events of an earlier connection can be duplicates, because events of one
   * connection may share an id.
   */
  accept({ id, hasOwnId }: ServerSentEvent): boolean {
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
