export type MaybePromise<T> = T | Promise<T>;

/** Also true for promises of another realm and of libraries, which `instanceof Promise` does not recognize. */
export const isPromiseLike = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

const nativeThen = (Promise.prototype as { then: unknown }).then;

/**
 * Returns a promise for what `await value` results in, and undefined for a value that `await` returns unchanged. Reads
 * `then` once. A `then` that throws is a rejection, the first settlement counts, and inner promises are adopted. `then` is
 * called later, in the asynchronous context of this call. Never throws.
 */
export function adopt<T>(value: T | PromiseLike<T>): Promise<T> | undefined;
export function adopt(value: unknown): Promise<unknown> | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  let then: unknown;
  let isPlain: boolean;
  try {
    ({ then } = value as { readonly then?: unknown });
    isPlain = then === nativeThen && isPlainPromise(value);
  } catch (error) {
    // A getter or a proxy that throws.
    return awaited({ then: (_: unknown, reject: (reason: unknown) => void): void => reject(error) });
  }
  if (typeof then !== 'function') return undefined;
  // The promise itself, as in `await`. A second promise would cost more than the rest of this function.
  if (isPlain) return Promise.resolve(value);
  if (then === nativeThen) return awaited(value);
  return awaited({ then: (...settle: unknown[]): unknown => Reflect.apply(then, value, settle) });
}

/** Whether its `then` cannot throw. Also true for a proxy that pretends it: `Promise.resolve` then creates a promise. */
const isPlainPromise = (value: object): boolean =>
  Object.getPrototypeOf(value) === Promise.prototype &&
  !Object.hasOwn(value, 'then') &&
  !Object.hasOwn(value, 'constructor');

/** Not the value itself: `then` of a promise behind a proxy, or of one with another constructor, may throw. */
const awaited = async (value: unknown): Promise<unknown> => await value;

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
  return adopt(result)?.then(onValue, onError) ?? onValue(result as T);
}
