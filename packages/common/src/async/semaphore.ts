import { raceAbort } from './abort';
import { deferred } from './deferred';

/**
 * Starts at most `limit` items at once, in order of arrival. Synchronous, for hot paths; `Semaphore` is the same for
 * functions that return promises.
 */
export class LimitedQueue<T> {
  private active = 0;
  private readonly waiting: T[] = [];

  constructor(
    private readonly limit: number,
    private readonly start: (item: T) => void,
  ) {}

  /** Starts the item now or when its turn comes. Returns whether it was started now. */
  admit(item: T): boolean {
    if (this.active >= this.limit) {
      this.waiting.push(item);
      return false;
    }
    this.active++;
    this.start(item);
    return true;
  }

  /** An item has ended: the next one takes its place. Call it once per started item. */
  release(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.active--;
    else this.start(next);
  }

  /** Removes an item that has not started. Returns false when it has. */
  withdraw(item: T): boolean {
    const index = this.waiting.indexOf(item);
    if (index < 0) return false;
    this.waiting.splice(index, 1);
    return true;
  }

  /** Removes and returns every item that has not started. */
  clear(): T[] {
    return this.waiting.splice(0);
  }
}

/** Runs at most `limit` functions at once; the others wait in order of arrival. */
export class Semaphore {
  private readonly queue: LimitedQueue<() => void>;

  constructor(limit: number) {
    this.queue = new LimitedQueue(limit, (start) => start());
  }

  /**
   * Calls `work` when its turn comes, in this very call if that is now.
   *
   * @throws the signal's reason when the signal is aborted before the turn comes; `work` is not called then
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const turn = deferred();
    const start = (): void => turn.resolve();
    if (!this.queue.admit(start)) await this.waitFor(turn.promise, start, signal);
    try {
      return await work();
    } finally {
      this.queue.release();
    }
  }

  private async waitFor(turn: Promise<void>, start: () => void, signal: AbortSignal | undefined): Promise<void> {
    if (!signal) return turn;
    try {
      await raceAbort(turn, signal);
    } catch (error) {
      // The turn may have come between the abort and now.
      if (!this.queue.withdraw(start)) this.queue.release();
      throw error;
    }
  }
}
