/** Explains the failure of enhancers that are written for HTTP and find a task in place of the request. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Messages of errors that come from reading or calling a missing member, such as `request.headers.authorization`. */
const MISSING_MEMBER = /\b(undefined|null|is not a function|is not iterable)\b/;

/** The call that runs now; interceptors keep it. */
const calls = new AsyncLocalStorage<{ hasBegun: boolean }>();

/** The handler of the current call runs: errors from now on are its own. */
export const markBegun = (): void => {
  const call = calls.getStore();
  if (call) call.hasBegun = true;
};

/** Runs a call. A `TypeError` of an enhancer, thrown before the handler, is replaced by one that says what to do. */
export function withHttpHint<T>(method: string, call: () => Promise<T>): Promise<T> {
  const state = { hasBegun: false };
  return calls.run(state, async () => {
    try {
      return await call();
    } catch (thrown) {
      if (state.hasBegun || !(thrown instanceof TypeError) || !MISSING_MEMBER.test(thrown.message)) throw thrown;
      throw new TypeError(
        `${thrown.message}; a guard, interceptor or pipe threw it before ${method} began: if it is written for HTTP, wrap its class with skipForOrra(), or check isOrraContext(context) in it`,
        { cause: thrown },
      );
    }
  });
}
