import type { Clock, Timer } from './clock';

/** A `Clock` whose time moves only when a test calls `advance` or `jumpWallClock`. */
export class ManualClock implements Clock {
  /** Monotonic time; timers are due in it. */
  private time = 0;
  private wallOffsetMs: number;
  private sequence = 0;
  private readonly pending = new Map<number, { readonly at: number; readonly callback: () => void }>();

  /** @param startMs milliseconds since 1970 @default 2026-01-01T00:00:00Z */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.wallOffsetMs = startMs;
  }

  now(): number {
    return this.wallOffsetMs + this.time;
  }

  monotonicMs(): number {
    return this.time;
  }

  /** Sets the wall clock forward, or back with negative `ms`. Monotonic time and timers do not change. */
  jumpWallClock(ms: number): void {
    this.wallOffsetMs += ms;
  }

  setTimer(ms: number, callback: () => void): Timer {
    const id = ++this.sequence;
    this.pending.set(id, { at: this.time + Math.max(0, ms), callback });
    return { clear: () => void this.pending.delete(id) };
  }

  /** Timers that have not fired and were not cleared. */
  get pendingTimers(): number {
    return this.pending.size;
  }

  /** Milliseconds to the next timer, or undefined when there is none. */
  get nextTimerMs(): number | undefined {
    let next: number | undefined;
    for (const { at } of this.pending.values()) next = next === undefined ? at : Math.min(next, at);
    return next === undefined ? undefined : next - this.time;
  }

  /**
   * Moves time forward and fires timers in the order of their due times, then of their creation. Pending promise callbacks
   * run after each timer, so timers that they set take part.
   */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      let next: { id: number; at: number; callback: () => void } | undefined;
      for (const [id, { at, callback }] of this.pending) {
        if (at <= end && (!next || at < next.at)) next = { id, at, callback };
      }
      if (!next) break;
      this.pending.delete(next.id);
      this.time = Math.max(this.time, next.at);
      next.callback();
      await settle();
    }
    this.time = end;
  }
}

/** Lets pending promise callbacks and ready I/O run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
