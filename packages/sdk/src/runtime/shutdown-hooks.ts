/**
 * Closes the applications of this process on SIGTERM and SIGINT. All applications share one coordinator, because the
 * process may end only after the last of them has closed.
 */
import { describeThrown, type Logger } from '@orra-ts/common';

export interface ShutdownHooks {
  /** Returns the same promise for every call. */
  readonly close: () => Promise<void>;
  /** Called before `close` if the process ends after the applications have closed. */
  readonly endsProcess: () => void;
  readonly logger: Logger;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

class ShutdownCoordinator {
  private readonly apps = new Set<ShutdownHooks>();
  /** Set from a signal until all applications have closed. */
  private current: { readonly signal: NodeJS.Signals; readonly mayExit: boolean } | undefined;

  add(app: ShutdownHooks): () => void {
    this.apps.add(app);
    if (this.current) void this.close(app);
    else if (this.apps.size === 1) {
      // First in the list: listeners that other code added with `once` are still counted then.
      for (const signal of SIGNALS) process.prependListener(signal, this.onSignal);
    }
    return () => {
      this.apps.delete(app);
      if (this.apps.size === 0) this.removeListeners();
    };
  }

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    // A second signal of either kind then ends the process at once.
    this.removeListeners();
    // If there are other listeners, they decide when the process ends.
    this.current = { signal, mayExit: process.listenerCount(signal) === 0 };
    void this.closeAll(this.current.mayExit);
  };

  private async closeAll(mayExit: boolean): Promise<void> {
    // An application that starts meanwhile is closed as well.
    while (this.apps.size > 0) await Promise.all([...this.apps].map((app) => this.close(app)));
    this.current = undefined;
    if (mayExit) process.exit();
  }

  private async close(app: ShutdownHooks): Promise<void> {
    if (this.current?.mayExit) app.endsProcess();
    app.logger.info('closing on a signal', { signal: this.current?.signal });
    try {
      await app.close();
    } catch (error) {
      app.logger.error('the app did not close', { error: describeThrown(error) });
    }
    this.apps.delete(app);
  }

  private removeListeners(): void {
    for (const signal of SIGNALS) process.removeListener(signal, this.onSignal);
  }
}

/** Copies of the SDK in one process share it too. */
const COORDINATOR = Symbol.for('@orra-ts/sdk/shutdown');
type SharedCoordinator = { [COORDINATOR]?: Pick<ShutdownCoordinator, 'add'> };

/** @returns a function that removes the hooks */
export function installShutdownHooks(hooks: ShutdownHooks): () => void {
  const shared = globalThis as SharedCoordinator;
  return (shared[COORDINATOR] ??= new ShutdownCoordinator()).add(hooks);
}
