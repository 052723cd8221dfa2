import type { Clock } from '@orra-ts/common';

/**
 * Does some work under a signal that ends with the given one, or when its time is over. Also work that does not heed the
 * signal is not waited for any longer.
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
    const over = new Promise<never>((_, reject) => {
      ending.signal.addEventListener('abort', () => reject(ending.signal.reason as Error), { once: true });
    });
    const done = work(ending.signal);
    // Whichever loses has nobody who listens.
    done.catch(() => undefined);
    return await Promise.race([done, over]);
  } finally {
    timer.clear();
    signal.removeEventListener('abort', end);
  }
}
