/** Closes the app when the process is asked to end. */
import { describeThrown, type Logger } from '@orra-ts/common';

export interface ShutdownHooks {
  close(): Promise<void>;
  /** The process ends after the app has closed. */
  endsProcess(): void;
  readonly logger: Logger;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** @returns takes the hooks off */
export function installShutdownHooks({ close, endsProcess, logger }: ShutdownHooks): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    // Another listener has its own idea of when to end; the app then only closes.
    const mayExit = process.listenerCount(signal) <= 1;
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
