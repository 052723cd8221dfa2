/** Time as an argument (E9): the real clock in a process, a manual one in tests. */
export interface Timer {
  /** Safe to call twice and after the timer has fired. */
  clear(): void;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls back once, `ms` from now, never in the same turn. A timer keeps the process alive unless `unref` is set.
   * Waits above 2^31-1 ms are supported.
   */
  setTimer(ms: number, callback: () => void, options?: { readonly unref?: boolean }): Timer;
}

/** Longest wait that Node's timers take; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(ms, callback, options = {}) {
    let handle: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LONGEST_MS);
      handle = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : callback()), stepMs);
      if (options.unref) handle.unref();
    };
    arm(Math.max(0, ms));
    return { clear: () => clearTimeout(handle) };
  },
};

/** A clock that moves only when told: tests of anything that waits. */
export class ManualClock implements Clock {
  private time: number;
  private sequence = 0;
  private readonly pending = new Map<number, { readonly at: number; readonly callback: () => void }>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.time = startMs;
  }

  now(): number {
    return this.time;
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
   * Moves time forward, firing timers in order of their due times, then of their creation. After each of them pending
   * promise callbacks run, so that timers set by awaiting code take part.
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

/** Lets promise callbacks and I/O that is ready run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits on a clock. Rejects with the signal's reason when it is aborted first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = (): void => {
      timer.clear();
      reject(signal?.reason as Error);
    };
    const timer = clock.setTimer(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
