/** Requests from outside to an engine that may crash. */
import type { ProcessScope } from '../kernel/process-scope';
import type { EngineProcess } from './engine-process';

export const RETRY_MS = 1_000;

/**
 * A response of an engine that crashed never comes. One that is slow is waited for: a request is not a repetition.
 *
 * @returns a function to call when the response has come
 */
export function ifCrashed({ scope: engine }: EngineProcess, outside: ProcessScope, retry: () => void): () => void {
  let responded = false;
  const look = (): void => {
    if (responded) return;
    if (engine.alive) outside.schedule(RETRY_MS, look);
    else retry();
  };
  outside.schedule(RETRY_MS, look);
  return () => void (responded = true);
}
