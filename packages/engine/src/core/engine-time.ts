/**
 * Engine time (E11): the wall clock at the start plus the monotonic time since. So no timer, limit or TTL moves when the
 * wall clock is set. It does not start before the newest stored event, so that deadlines of an earlier run are never
 * farther away than their full duration if the wall clock was set back meanwhile.
 */
import type { Clock, Timer } from '@orra-ts/common';

/** A larger difference from the wall clock is recorded. */
const NOTICEABLE_MS = 1_000;

export class EngineTime implements Clock {
  private offsetMs: number;

  /** @param wall for signatures and expiry times of tokens; others must not use it */
  constructor(readonly wall: Clock) {
    this.offsetMs = wall.now() - wall.monotonicMs();
  }

  /** Engine time, in whole milliseconds since 1970. */
  now(): number {
    return Math.floor(this.offsetMs + this.wall.monotonicMs());
  }

  monotonicMs(): number {
    return this.wall.monotonicMs();
  }

  setTimer(ms: number, callback: () => void, options?: { readonly unref?: boolean }): Timer {
    return this.wall.setTimer(ms, callback, options);
  }

  /** During a start: the time is not before this one. */
  startAfter(at: number): void {
    this.offsetMs += Math.max(0, at - this.now());
  }

  /** The time of the wall clock, if it noticeably differs from this engine time. */
  wallTimeIfOther(at: number): number | undefined {
    const wallAt = this.wall.now();
    return Math.abs(wallAt - at) > NOTICEABLE_MS ? wallAt : undefined;
  }
}
