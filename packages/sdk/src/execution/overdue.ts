/**
 * Handlers that do not end. One grace period after its limit a run gives its slot to the next one; its key stays in
 * progress (X1), and its outcome is accepted however late it is.
 *
 * One timer per service, for the run that is due first: a timer per run would cost more than the rest of this file.
 */
import type { Clock, Timer } from '@orra-ts/common';
import type { Run } from './run';

/** A call of a service's code that did not end within its limit and the grace period. */
export interface OverdueRun {
  /** Such as `InventoryService.reserve`. */
  readonly label: string;
  /** Undefined for a resolver or factory. */
  readonly idempotencyKey: string | undefined;
  /** Milliseconds since its start. */
  readonly ageMs: number;
}

const DEFAULT_GRACE_MS = 10_000;

/** @param graceMs option `handlerGrace` */
export const graceMsOf = (graceMs: number | undefined, limitMs: number): number =>
  graceMs ?? Math.min(DEFAULT_GRACE_MS, limitMs);

export interface OverdueWatchOptions {
  readonly clock: Clock;
  /** All runs, also those that have no slot. */
  readonly runs: () => Iterable<Run>;
  readonly onOverdue: (run: Run) => void;
}

export class OverdueWatch {
  private timer: Timer | undefined;
  private firesAt = Infinity;

  constructor(private readonly options: OverdueWatchOptions) {}

  /** The run has got its slot. Its `dueAt` is set, and is `Infinity` as soon as the run no longer needs to be watched. */
  watch({ dueAt }: Run): void {
    if (dueAt < this.firesAt) this.arm(dueAt);
  }

  close(): void {
    this.timer?.clear();
    this.timer = undefined;
    this.firesAt = Infinity;
  }

  private arm(dueAt: number): void {
    const { clock } = this.options;
    this.close();
    this.firesAt = dueAt;
    this.timer = clock.setTimer(Math.max(0, dueAt - clock.now()), () => this.sweep(), { unref: true });
  }

  private sweep(): void {
    const { clock, runs, onOverdue } = this.options;
    this.close();
    const now = clock.now();
    // Copied: the next run may start within the callback.
    const due = [...runs()].filter(({ dueAt }) => dueAt <= now);
    for (const run of due) {
      run.dueAt = Infinity;
      onOverdue(run);
    }
    let next = Infinity;
    for (const { dueAt } of runs()) next = Math.min(next, dueAt);
    if (next < this.firesAt) this.arm(next);
  }
}
