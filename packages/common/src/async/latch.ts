import { deferred, type Deferred } from './deferred';

/**
 * Holds any number of waiters until the next `release()`. It keeps no state between releases: callers check their
 * condition before they wait.
 */
export class Latch {
  private next: Deferred<void> | undefined;

  /** Resolves at the next `release()`. All waiters share one promise. */
  wait(): Promise<void> {
    this.next ??= deferred();
    return this.next.promise;
  }

  /** Lets every current waiter continue. Costs nothing when there are none. */
  release(): void {
    const { next } = this;
    this.next = undefined;
    next?.resolve();
  }
}
