/** Locks and journals of real processes and threads. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

/** Above the pids of Linux and macOS. */
const UNUSED_PID = 2 ** 22 + 1;
const onLinux = process.platform === 'linux' ? it : it.skip;

let folder: string;
let children: ChildProcessWithoutNullStreams[];
let workers: Worker[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'orra-locks-'));
  children = [];
  workers = [];
});
afterEach(async () => {
  await Promise.all([...children.map(kill), ...workers.map((worker) => worker.terminate())]);
  rmSync(folder, { recursive: true, force: true });
});

async function kill(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** A process that waits for `proceed` before it acquires the lock of `identity`. */
async function contender(identity: string) {
  const child = spawn(process.execPath, [require.resolve('./lock-child.cjs'), identity]);
  child.stderr.pipe(process.stderr);
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  expect(await line()).toBe('ready');
  return {
    child,
    acquire: () => {
      child.stdin.write('\n');
      return line();
    },
  };
}

it('I1: of several processes that find one stale lock, exactly one acquires it', async () => {
  for (let round = 0; round < 5; round += 1) {
    const identity = path.join(folder, `${round}.json`);
    writeFileSync(`${identity}.lock`, JSON.stringify({ pid: UNUSED_PID, host: hostname() }));
    const contenders = await Promise.all(Array.from({ length: 4 }, () => contender(identity)));
    const outcomes = await Promise.all(contenders.map(({ acquire }) => acquire()));
    expect(outcomes.sort()).toEqual([...Array<string>(3).fill('ORRA_IDENTITY_IN_USE'), 'acquired']);
    await Promise.all(contenders.map(({ child }) => kill(child)));
  }
}, 60_000);

/** A process that holds the lock of `identity`, and the content of the lock. */
async function holder(identity: string) {
  const { child, acquire } = await contender(identity);
  expect(await acquire()).toBe('acquired');
  const lock = `${identity}.lock`;
  const content = JSON.parse(readFileSync(lock, 'utf8')) as object;
  return { child, change: (changes: object) => writeFileSync(lock, JSON.stringify({ ...content, ...changes })) };
}

it('I1: a lock whose pid now belongs to another program does not block a start', async () => {
  const identity = path.join(folder, 'ids.json');
  const { child, change } = await holder(identity);
  await kill(child);
  change({ pid: process.pid });
  expect(await (await contender(identity)).acquire()).toBe('acquired');
});

onLinux(
  'I1: a lock of an earlier boot of the machine does not block a start, even if its pid and start time fit',
  async () => {
    const identity = path.join(folder, 'ids.json');
    const { change } = await holder(identity);
    expect(await (await contender(identity)).acquire()).toBe('ORRA_IDENTITY_IN_USE');
    change({ bootId: '00000000-0000-0000-0000-000000000000' });
    expect(await (await contender(identity)).acquire()).toBe('acquired');
  },
);

it('X3: a thread reads the journal of another thread only after that thread has ended', async () => {
  const start = async (key: string, known: readonly string[]) => {
    const workerData = { directory: folder, key, known };
    const worker = new Worker(require.resolve('./journal-thread.cjs'), { workerData });
    workers.push(worker);
    const [found] = (await once(worker, 'message')) as [string[]];
    return { worker, found };
  };
  const first = await start('first', []);
  expect((await start('second', ['first'])).found).toEqual([]);
  await first.worker.terminate();
  expect((await start('third', ['first', 'second'])).found).toEqual(['first']);
});
