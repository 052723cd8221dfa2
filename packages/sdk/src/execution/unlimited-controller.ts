import { setMaxListeners } from 'node:events';

/** A controller for user code, which may pass its signal to any number of calls without the leak warning of Node at 11 listeners. */
export function unlimitedController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
