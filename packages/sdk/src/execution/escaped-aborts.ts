/**
 * `task.abort()` throws an error to leave the handler. In a timer, or in an async callback that nobody awaits, this error
 * does not reach the handler but ends the process, as every uncaught error does. So from a call of `abort` until its
 * error has reached its handler, and for a minute if it does not, this module listens to the uncaught errors of the
 * process and takes those of `abort`. All others have the effect that they have without these listeners.
 */
import { OrraError, type Clock, type Timer } from '@orra-ts/common';

/** Thrown by `abort` to leave the handler. Catching it has no effect on the abort. */
class TaskAborted extends OrraError {
  constructor() {
    super('ORRA_TASK_ABORTED', 'the handler aborted its task; this error only leaves the handler, do not catch it');
  }
}

/** @param at the place of the call of `abort`, such as `at reserve (/app/inventory.js:12:9)` */
export type OnEscaped = (error: Error, at: string | undefined) => void;

/** An error that a `finally` with slow work delays for longer is not recognised. */
const EXPECTED_FOR_MS = 60_000;

class EscapedAborts {
  private readonly expected = new Map<unknown, { readonly onEscaped: OnEscaped; readonly timer: Timer }>();

  /** Returns the error to throw. @param caller its stack begins with the caller of this function */
  expect(clock: Clock, caller: (payload?: unknown) => never, onEscaped: OnEscaped): Error {
    const error = new TaskAborted();
    Error.captureStackTrace(error, caller);
    if (this.expected.size === 0) {
      process.on('unhandledRejection', this.onRejection);
      process.on('uncaughtException', this.onException);
    }
    const timer = clock.setTimer(EXPECTED_FOR_MS, () => this.forget(error), { unref: true });
    this.expected.set(error, { onEscaped, timer });
    return error;
  }

  /** The error has reached its handler. */
  forget(error: unknown): void {
    const entry = this.expected.get(error);
    if (!entry) return;
    entry.timer.clear();
    this.expected.delete(error);
    if (this.expected.size === 0) this.stopListening();
  }

  private readonly onRejection = (reason: unknown): void => {
    if (this.take(reason) || process.listenerCount('unhandledRejection') > 1) return;
    // What Node does without a listener.
    throw reason;
  };

  private readonly onException = (error: unknown): void => {
    if (this.take(error) || process.listenerCount('uncaughtException') > 1) return;
    // Thrown again, with no listener left: Node prints it and ends the process with code 1.
    this.stopListening();
    queueMicrotask(() => {
      throw error;
    });
  };

  private stopListening(): void {
    process.off('unhandledRejection', this.onRejection);
    process.off('uncaughtException', this.onException);
  }

  private take(error: unknown): boolean {
    const entry = this.expected.get(error);
    if (!entry) return false;
    // It stays expected: one error can be the reason of several promises.
    const { stack = '' } = error as Error;
    entry.onEscaped(error as Error, /^\s+(at .+)$/m.exec(stack)?.[1]);
    return true;
  }
}

/** One per process: the listeners of two copies of this package would each take the other for a listener of the application. */
const SHARED = Symbol.for('orra.escaped-aborts.1');

const shared = globalThis as { [SHARED]?: EscapedAborts };

export const escapedAborts = (shared[SHARED] ??= new EscapedAborts());
