/** The updates of one run that are on their way: its outcome waits until they have arrived or are given up (X5). */

/** More than this many at once and `pushUpdate` waits: the Go engine drops what it cannot buffer, 256 messages. */
export const MAX_OPEN_UPDATES = 128;

export class UpdateTracker {
  /** The outcome is on its way: an update after it would be dropped by the engine anyway. */
  closed = false;
  private open = 0;
  private waiting: { readonly atMost: number; readonly resolve: () => void }[] = [];

  /** Another update is on its way. */
  started(): void {
    this.open++;
  }

  /** One of them was acknowledged or given up. */
  settled(): void {
    this.open--;
    if (this.waiting.length === 0) return;
    const ready = this.waiting.filter(({ atMost }) => this.open <= atMost);
    this.waiting = this.waiting.filter(({ atMost }) => this.open > atMost);
    for (const { resolve } of ready) resolve();
  }

  /** The link is gone: a handler need not wait for it, its outcome does. */
  releaseHandlers(): void {
    const relaxed = this.waiting.filter(({ atMost }) => atMost > 0);
    this.waiting = this.waiting.filter(({ atMost }) => atMost === 0);
    for (const { resolve } of relaxed) resolve();
  }

  get count(): number {
    return this.open;
  }

  /** Resolves when at most that many are on their way. */
  whenAtMost(atMost: number): Promise<void> {
    if (this.open <= atMost) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ atMost, resolve }));
  }
}
