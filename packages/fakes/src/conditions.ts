/** Waits without polling: each probe runs again after every change that the owner reports. */
import { deferred, systemClock, toError, withTimeout } from '@orra-ts/common';

/** Default timeout. Far longer than any local delay, so that it only ends waits that would never end. */
const TIMEOUT_MS = 15_000;

export class Conditions {
  private readonly checks = new Set<() => void>();

  /** Runs every pending probe again. */
  changed(): void {
    for (const check of [...this.checks]) check();
  }

  /**
   * Resolves with the first result of `probe` that is neither undefined nor false. Rejects with what the probe throws,
   * and after `timeoutMs` with an error that names `what`.
   */
  async until<T>(probe: () => T | undefined | false, what: string, timeoutMs = TIMEOUT_MS): Promise<T> {
    const found = deferred<T>();
    const check = (): void => {
      try {
        const result = probe();
        if (result === undefined || result === false) return;
        found.resolve(result);
      } catch (error) {
        found.reject(toError(error));
      }
      // At once: a probe that takes what it finds must not run again.
      this.checks.delete(check);
    };
    this.checks.add(check);
    check();
    const timeoutError = (): Error => new Error(`timed out after ${timeoutMs} ms while waiting for ${what}`);
    try {
      return await withTimeout(systemClock, timeoutMs, found.promise, timeoutError);
    } finally {
      this.checks.delete(check);
    }
  }
}
