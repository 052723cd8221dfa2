import { isProcessAlive } from './process-alive';

/** Above what Linux and macOS give to processes. */
const NOBODY = 2 ** 22 + 1;

it('processes that run are told from those that do not', () => {
  expect([process.pid, process.ppid, NOBODY].map(isProcessAlive)).toEqual([true, true, false]);
});
