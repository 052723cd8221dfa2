/** Tracks the unacknowledged updates of a run. Its outcome waits until they are acknowledged or given up (X5). */

/** Above this number `pushUpdate` waits, because the Go engine buffers 256 messages and drops the rest. */
export const MAX_OPEN_UPDATES = 128;

export class UpdateTracker {
  /** The outcome was sent. The engine would drop a later update. */
  closed = false;
  /** Updates that were dropped because too many waited to be sent. */
  dropped = 0;
  private open = 0;
  private waiting: { readonly atMost: number; readonly resolve: () => void }[] = [];

  /** An update was sent. */
  started(): void {
    this.open++;
  }

  /** An update was acknowledged or given up. */
  settled(): void {
    this.open--;
    if (this.waiting.length === 0) return;
    const ready = this.waiting.filter(({ atMost }) => this.open <= atMost);
    this.waiting = this.waiting.filter(({ atMost }) => this.open > atMost);
    for (const { resolve } of ready) resolve();
  }

  /** The link has closed. Handlers stop waiting for it; outcomes still wait. */
  releaseHandlers(): void {
    const relaxed = this.waiting.filter(({ atMost }) => atMost > 0);
    this.waiting = this.waiting.filter(({ atMost }) => atMost === 0);
    for (const { resolve } of relaxed) resolve();
  }

  get count(): number {
    return this.open;
  }

  /** Resolves when at most this many are unacknowledged. */
  whenAtMost(atMost: number): Promise<void> {
    if (this.open <= atMost) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ atMost, resolve }));
  }
}
