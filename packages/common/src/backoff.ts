/** Back-off between attempts. Randomness is an argument: a number from 0 (included) to 1 (excluded), as from `Math.random`. */
export type RandomNumber = () => number;

export interface BackoffOptions {
  /** Back-off before the first retry, in milliseconds. */
  readonly baseMs: number;
  /** The longest back-off, in milliseconds. */
  readonly capMs: number;
}

/** Returns `baseMs * 2^retry`, at most `capMs`; `retry` counts from 0. */
export function exponentialMs({ baseMs, capMs }: BackoffOptions, retry: number): number {
  return Math.min(capMs, baseMs * 2 ** Math.min(retry, 52));
}

/** Returns a random time from 0 to the exponential back-off: spreads clients that lost the same server together (L1). */
export function fullJitterMs(options: BackoffOptions, retry: number, random: RandomNumber): number {
  return random() * exponentialMs(options, retry);
}

/** Returns the exponential back-off, varied by `share` up and down: retries stay near their documented times. */
export function jitteredMs(options: BackoffOptions, retry: number, share: number, random: RandomNumber): number {
  return exponentialMs(options, retry) * (1 + share * (2 * random() - 1));
}
