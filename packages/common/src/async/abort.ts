import { deferred } from './deferred';

/** Resolves when the signal is aborted, at once if it already is. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Settles as the promise does, or rejects with the signal's reason when the signal is aborted first. The work behind
 * the promise continues; a rejection after the abort is ignored. The listener is removed either way.
 */
export async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = deferred<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * A signal of one call, aborted with the given one. Its listeners do not add up on a signal that a caller uses for many
 * calls, where Node warns of a leak at eleven.
 */
export function signalOfCall(signal: AbortSignal): AbortSignal;
export function signalOfCall(signal: AbortSignal | undefined): AbortSignal | undefined;
export function signalOfCall(signal: AbortSignal | undefined): AbortSignal | undefined {
  return signal && AbortSignal.any([signal]);
}
