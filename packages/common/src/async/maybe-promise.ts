export type MaybePromise<T> = T | Promise<T>;

/** Also true for promises of another realm and of libraries, which `instanceof Promise` does not recognize. */
export const isPromiseLike = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/**
 * Calls `work`, which may be asynchronous, and passes on its result. A value is passed on in this very call, without a
 * promise: hot paths stay synchronous.
 *
 * @param onError gets what `work` throws or rejects with, but not what `onValue` throws. @default it is thrown
 */
export function callMaybeAsync<T, R>(
  work: () => T | PromiseLike<T>,
  onValue: (value: T) => MaybePromise<R>,
  onError?: (error: unknown) => MaybePromise<R>,
): MaybePromise<R> {
  let result: T | PromiseLike<T>;
  try {
    result = work();
  } catch (error) {
    if (!onError) throw error;
    return onError(error);
  }
  return isPromiseLike(result) ? Promise.resolve(result).then(onValue, onError) : onValue(result);
}
