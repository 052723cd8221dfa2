import type { Clock } from '@orra-ts/common';

/**
 * Does some work under a signal that ends with the given one, or when its time is over.
 *
 * @param late what the signal's reason is then
 */
export async function within<T>(
  { clock, ms, signal, late }: { clock: Clock; ms: number; signal: AbortSignal; late: () => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const ending = new AbortController();
  const end = (): void => ending.abort(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  const timer = clock.setTimer(ms, () => ending.abort(late()));
  try {
    return await work(ending.signal);
  } finally {
    timer.clear();
    signal.removeEventListener('abort', end);
  }
}
