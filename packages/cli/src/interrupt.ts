/** Waiting that Ctrl-C ends. */
import { EXIT } from './errors';
import type { ProcessIo } from '@orra-ts/common/process';

/**
 * Runs something that waits. The first SIGINT or SIGTERM aborts its signal; a second one, from somebody who does not want
 * to wait, ends the process.
 *
 * @param onInterrupt what to answer when that was what ended it
 */
export async function untilInterrupted<T>(
  io: ProcessIo,
  wait: (signal: AbortSignal) => Promise<T>,
  onInterrupt: () => T,
): Promise<T> {
  const controller = new AbortController();
  const stop = io.onInterrupt(() => {
    if (controller.signal.aborted) io.exit(EXIT.interrupted);
    controller.abort(new Error('interrupted'));
  });
  try {
    return await wait(controller.signal);
  } catch (error) {
    if (controller.signal.aborted && error === controller.signal.reason) return onInterrupt();
    throw error;
  } finally {
    stop();
  }
}
