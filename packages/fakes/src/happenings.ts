/** Waiting for what a peer does, without polling: a probe is asked again after everything that happens. */

/** @default of waits: far above anything local, so that it only ends what would never end */
const TIMEOUT_MS = 15_000;

interface Waiting {
  readonly check: () => void;
}

export class Happenings {
  private readonly waiting = new Set<Waiting>();

  /** Something happened. */
  happened(): void {
    for (const { check } of [...this.waiting]) check();
  }

  /** Resolves with the first answer that is neither undefined nor false. @throws after the timeout, naming `what` */
  until<T>(probe: () => T | undefined | false, what: string, timeoutMs = TIMEOUT_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(entry);
      };
      const entry: Waiting = {
        check: () => {
          let answer: T | undefined | false;
          try {
            answer = probe();
          } catch (error) {
            end();
            return reject(error instanceof Error ? error : new Error(String(error)));
          }
          if (answer === undefined || answer === false) return;
          end();
          resolve(answer);
        },
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`waited ${timeoutMs} ms in vain for ${what}`));
      }, timeoutMs);
      this.waiting.add(entry);
      entry.check();
    });
  }
}
