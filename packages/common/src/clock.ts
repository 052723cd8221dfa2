/** Time as an argument (E9): the system's clock in production, a manual one in tests. */
export interface Timer {
  /** Cancels the timer. Safe to call twice and after the timer has fired. */
  clear(): void;
}

export interface Clock {
  /** The wall clock: milliseconds since 1970. It may be set forward or back at any time. */
  now(): number;
  /** Milliseconds since an arbitrary moment. Never goes back: for durations (E11). */
  monotonicMs(): number;
  /**
   * Calls `callback` once, `ms` from now, never in the same turn of the event loop. Supports more than 2^31-1 ms. The
   * timer keeps the process alive unless `unref` is set.
   */
  setTimer(ms: number, callback: () => void, options?: { readonly unref?: boolean }): Timer;
}

/** Longest delay that timers of Node and browsers support; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
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

/**
 * A clock whose `now()` is the time of `clock` at this call plus the monotonic time since (E11). It continues evenly
 * when the wall clock is set forward or back. Whole milliseconds.
 */
export function anchorClock(clock: Clock): Clock {
  const offsetMs = clock.now() - clock.monotonicMs();
  return {
    now: () => Math.floor(offsetMs + clock.monotonicMs()),
    monotonicMs: () => clock.monotonicMs(),
    setTimer: (ms, callback, options) => clock.setTimer(ms, callback, options),
  };
}

/** Resolves after `ms`. Rejects with the signal's reason when the signal is aborted first. */
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
