import type { Clock } from '../clock';
import { raceAbort } from './abort';
import { deferred } from './deferred';

/**
 * Settles as the promise does, or rejects with `timeoutError()` after `ms`. The work behind the promise continues; a
 * rejection after the timeout is ignored.
 */
export async function withTimeout<T>(
  clock: Clock,
  ms: number,
  promise: Promise<T>,
  timeoutError: () => Error,
): Promise<T> {
  const timeout = deferred<never>();
  const timer = clock.setTimer(ms, () => timeout.reject(timeoutError()));
  try {
    return await Promise.race([promise, timeout.promise]);
  } finally {
    timer.clear();
  }
}

/**
 * Resolves with true when the promise resolves within `ms`, with false when it does not. Rejects as the promise does.
 */
export async function resolvesWithin(clock: Clock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  const timeout = deferred<false>();
  const timer = clock.setTimer(ms, () => timeout.resolve(false));
  try {
    return await Promise.race([promise.then(() => true), timeout.promise]);
  } finally {
    timer.clear();
  }
}

export interface CallTimeout {
  readonly clock: Clock;
  readonly ms: number;
  /** Ends the call early, with its own reason. */
  readonly signal: AbortSignal;
  /** Reason of the call's signal after `ms`. */
  readonly timeoutError: () => Error;
}

/**
 * Calls `work` with a signal that is aborted together with the given one, or after `ms`. Rejects with the reason of
 * that signal once it is aborted, even if the work ignores it.
 */
export async function callWithTimeout<T>(
  { clock, ms, signal, timeoutError }: CallTimeout,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const ending = new AbortController();
  const end = (): void => ending.abort(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  const timer = clock.setTimer(ms, () => ending.abort(timeoutError()));
  try {
    return await raceAbort(work(ending.signal), ending.signal);
  } finally {
    timer.clear();
    signal.removeEventListener('abort', end);
  }
}
