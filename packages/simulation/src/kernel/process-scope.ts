/** One run of a process, from its start to its crash. All its timers and clocks come from here, so that a crash ends them. */
import type { Clock, Timer } from '@orra-ts/common';
import type { Owner, Scheduler } from './scheduler';

/** 2026-01-01T00:00:00Z */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

/** The wall clock of a machine. It survives the crash of its process. */
export interface WallClock {
  offsetMs: number;
}

export class ProcessScope implements Owner {
  alive = true;
  frozenUntilMs = 0;
  readonly clock: Clock;

  constructor(
    /** Such as `engine` or `svc-a/1`. */
    readonly name: string,
    readonly scheduler: Scheduler,
    wall: WallClock,
  ) {
    this.clock = {
      now: () => EPOCH_MS + scheduler.nowMs + wall.offsetMs,
      monotonicMs: () => scheduler.nowMs,
      setTimer: (ms, callback) => this.schedule(ms, callback),
    };
  }

  schedule(delayMs: number, run: () => void): Timer {
    return this.scheduler.schedule(delayMs, run, this);
  }

  /** Never resolves once the process has crashed. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.schedule(ms, resolve));
  }

  /** Runs nothing until then; what becomes due meanwhile runs late. */
  freeze(ms: number): void {
    this.frozenUntilMs = Math.max(this.frozenUntilMs, this.scheduler.nowMs + ms);
  }

  kill(): void {
    this.alive = false;
  }
}
