import { hostname } from 'node:os';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { currentProcess, currentThread, isRunning } from './process-identity';

/** Above the pids of Linux and macOS. */
const UNUSED_PID = 2 ** 22 + 1;
const onLinux = process.platform === 'linux' ? it : it.skip;

it('a running process is recognised, and one of another machine is unknown', () => {
  expect(isRunning(currentProcess())).toBe(true);
  expect(isRunning({ ...currentProcess(), pid: UNUSED_PID })).toBe(false);
  expect(isRunning({ ...currentProcess(), host: 'elsewhere.test' })).toBeUndefined();
});

it('a pid alone is enough where nothing else is known', () => {
  expect(isRunning({ pid: process.ppid, host: hostname() })).toBe(true);
});

onLinux('a process with the pid of an ended one is another process', () => {
  const { startTime } = currentProcess();
  expect(Number(startTime)).toBeGreaterThan(0);
  expect(isRunning({ ...currentProcess(), startTime: `${Number(startTime) - 1}` })).toBe(false);
});

onLinux('a process of an earlier boot of the machine has ended', () => {
  expect(isRunning({ ...currentProcess(), bootId: '00000000-0000-0000-0000-000000000000' })).toBe(false);
});

onLinux('the main thread is its process; a worker thread has its own identity until it ends', async () => {
  expect(currentThread()).toEqual(currentProcess());
  const worker = new Worker(
    `const { readlinkSync } = require('node:fs'), { parentPort } = require('node:worker_threads');
     parentPort.postMessage(readlinkSync('/proc/thread-self')); parentPort.once('message', () => {});`,
    { eval: true },
  );
  const [path] = (await once(worker, 'message')) as [string];
  const thread = { pid: Number(path.split('/')[2]), host: hostname() };
  expect(thread.pid).not.toBe(process.pid);
  expect(isRunning(thread)).toBe(true);
  await worker.terminate();
  expect(isRunning(thread)).toBe(false);
});
