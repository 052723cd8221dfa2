/** Waits between tries. Randomness is an argument: a number from 0 to below 1, as `Math.random` gives. */
export type RandomNumber = () => number;

export interface BackoffOptions {
  /** Wait before the first further try, in milliseconds. */
  readonly baseMs: number;
  /** No wait is longer. */
  readonly capMs: number;
}

/** `base * 2^retry`, at most `capMs`; `retry` counts from 0. */
export function exponentialMs({ baseMs, capMs }: BackoffOptions, retry: number): number {
  return Math.min(capMs, baseMs * 2 ** Math.min(retry, 52));
}

/** Anything from 0 to the exponential wait: spreads clients that lost the same server at the same moment (L1). */
export function fullJitterMs(options: BackoffOptions, retry: number, random: RandomNumber): number {
  return random() * exponentialMs(options, retry);
}

/** The exponential wait, varied by `share` up and down: keeps retries of one task near their documented times. */
export function jitteredMs(options: BackoffOptions, retry: number, share: number, random: RandomNumber): number {
  return exponentialMs(options, retry) * (1 + share * (2 * random() - 1));
}
