/**
 * Limits the reconnects of all links of an application (L1). It bounds the number of concurrent attempts, spreads the
 * back-off with full jitter, and shortens the back-off of all links when one of them reaches the engine again.
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
  /** Maximum concurrent attempts. */
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

  /** Runs an attempt as soon as fewer than the maximum are running. */
  attempt<T>(run: () => Promise<T>): Promise<T> {
    return this.attempts.run(run);
  }

  /** Waits for the back-off before retry number `retry`, starting at 0. Ends early when the signal is aborted. */
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

  /**
   * Called when the engine is available again. Links with a longer back-off than a first retry get a new one, with
   * jitter.
   */
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
