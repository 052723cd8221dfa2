import { isProcessAlive } from './process-alive';

/** Above the pids of Linux and macOS. */
const UNUSED_PID = 2 ** 22 + 1;

it('distinguishes running processes from unused pids', () => {
  expect([process.pid, process.ppid, UNUSED_PID].map(isProcessAlive)).toEqual([true, true, false]);
});
