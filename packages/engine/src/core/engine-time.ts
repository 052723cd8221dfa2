/**
 * Engine time (E11): the wall clock at the start plus the monotonic time since. So no timer, limit or TTL moves when the
 * wall clock is set. What stored times mean after a restart is in `domain/orchestration/restored-times`.
 */
import type { Clock, Timer } from '@orra-ts/common';

/** A larger difference from the wall clock is recorded. */
const NOTICEABLE_MS = 1_000;

export class EngineTime implements Clock {
  private readonly offsetMs: number;

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

  /** The time of the wall clock, if it noticeably differs from this engine time. */
  wallTimeIfOther(at: number): number | undefined {
    const wallAt = this.wall.now();
    return Math.abs(wallAt - at) > NOTICEABLE_MS ? wallAt : undefined;
  }
}
