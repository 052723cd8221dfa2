/**
 * Shared by all links of an app (L1): at most a few of them attempt at once, their waits are spread by full jitter, and
 * when one of them finds the engine back the others do not sleep through their long waits.
 */
import {
  Semaphore,
  fullJitterMs,
  type BackoffOptions,
  type Clock,
  type RandomNumber,
  type Timer,
} from '@orra-ts/common';

export interface ReconnectGovernorOptions extends BackoffOptions {
  readonly clock: Clock;
  readonly random: RandomNumber;
  /** Attempts at once. */
  readonly concurrency: number;
}

interface Waiting {
  timer: Timer;
  dueAt: number;
  readonly resolve: () => void;
}

export class ReconnectGovernor {
  private readonly attempts: Semaphore;
  private readonly waiting = new Set<Waiting>();

  constructor(private readonly options: ReconnectGovernorOptions) {
    this.attempts = new Semaphore(options.concurrency);
  }

  /** Runs one attempt when its turn has come. */
  attempt<T>(run: () => Promise<T>): Promise<T> {
    return this.attempts.run(run);
  }

  /** Waits before the `retry`-th further attempt, counted from 0; ends early when the signal fires. */
  wait(retry: number, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.options;
    const ms = fullJitterMs(this.options, retry, random);
    return new Promise((resolve) => {
      const entry: Waiting = {
        dueAt: clock.now() + ms,
        timer: clock.setTimer(ms, () => end()),
        resolve: () => end(),
      };
      const end = (): void => {
        entry.timer.clear();
        this.waiting.delete(entry);
        signal.removeEventListener('abort', end);
        resolve();
      };
      this.waiting.add(entry);
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
  }

  /** The engine is available again: links with a longer wait than that of a first retry get a new one, with jitter. */
  reachable(): void {
    const { clock, random, baseMs } = this.options;
    const now = clock.now();
    for (const entry of this.waiting) {
      if (entry.dueAt - now <= baseMs) continue;
      const ms = random() * baseMs;
      entry.timer.clear();
      entry.dueAt = now + ms;
      entry.timer = clock.setTimer(ms, entry.resolve);
    }
  }
}
