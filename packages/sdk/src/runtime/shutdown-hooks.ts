/** Closes the app when the process is asked to end. */
import { describeThrown, type Logger } from '@orra-ts/common';

export interface ShutdownHooks {
  readonly close: () => Promise<void>;
  /** The process ends after the app has closed. */
  readonly endsProcess: () => void;
  readonly logger: Logger;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** @returns takes the hooks off */
export function installShutdownHooks({ close, endsProcess, logger }: ShutdownHooks): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    // Another listener has its own idea of when to end; the app then only closes. This one is off by now, so that a
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
