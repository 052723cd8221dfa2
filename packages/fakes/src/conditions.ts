/** Waits without polling: each probe runs again after every change that the owner reports. */

/** @default of waits: far above anything local, so that it only ends a wait that would never end */
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
  until<T>(probe: () => T | undefined | false, what: string, timeoutMs = TIMEOUT_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.checks.delete(check);
      };
      const check = (): void => {
        let result: T | undefined | false;
        try {
          result = probe();
        } catch (error) {
          end();
          return reject(error instanceof Error ? error : new Error(String(error)));
        }
        if (result === undefined || result === false) return;
        end();
        resolve(result);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`timed out after ${timeoutMs} ms while waiting for ${what}`));
      }, timeoutMs);
      this.checks.add(check);
      check();
    });
  }
}
