/** The task whose handler is running: how methods that take their plain input reach updates, abort and signal. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { sdkError } from '../errors';
import type { Task } from '../task';

/**
 * One storage per process: a library may bring a second copy of this package, and its `currentTask()` finds the task too.
 * The number is the version of `Task` as another copy uses it.
 */
const STORAGE = Symbol.for('orra.task-storage.1');

const shared = globalThis as { [STORAGE]?: AsyncLocalStorage<Task> };

export const taskStorage = (shared[STORAGE] ??= new AsyncLocalStorage<Task>());

/**
 * The task at work in this asynchronous context.
 *
 * @throws OrraError `ORRA_MISSING_CURRENT_TASK` outside of a handler, and in a revert handler
 */
export function currentTask<I = unknown>(): Task<I> {
  const task = taskStorage.getStore();
  if (task) return task as Task<I>;
  throw sdkError(
    'ORRA_MISSING_CURRENT_TASK',
    'currentTask() was called outside of a handler: it works in a method with @Handler and in everything that the method awaits, but not when your own code calls the method; check hasCurrentTask() first',
  );
}

/** True within a handler: for methods that are also called by other code. */
export const hasCurrentTask = (): boolean => taskStorage.getStore() !== undefined;
