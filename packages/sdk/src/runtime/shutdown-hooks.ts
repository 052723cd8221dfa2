/** Closes the application on SIGTERM and SIGINT. */
import { describeThrown, type Logger } from '@orra-ts/common';

export interface ShutdownHooks {
  readonly close: () => Promise<void>;
  /** Ends the process after the application has closed. */
  readonly endsProcess: () => void;
  readonly logger: Logger;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** @returns a function that removes the hooks */
export function installShutdownHooks({ close, endsProcess, logger }: ShutdownHooks): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    // If there are other listeners, they decide when the process ends. This listener is already removed, so that a
    // second signal ends the process at once.
    const mayExit = process.listenerCount(signal) === 0;
    if (mayExit) endsProcess();
    logger.info('closing on a signal', { signal });
    close()
      .catch((error: unknown) => logger.error('the app did not close', { error: describeThrown(error) }))
      .finally(() => {
        if (mayExit) process.exit();
      });
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  };
}
