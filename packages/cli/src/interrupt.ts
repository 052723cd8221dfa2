/** Work that Ctrl-C ends. */
import type { ProcessIo } from '@orra-ts/common/process';
import { EXIT } from './errors';

/**
 * Calls `wait` with a signal that the first SIGINT or SIGTERM aborts. A second one ends the process immediately.
 *
 * @param onInterrupt returns the result when the signal ended the work
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
