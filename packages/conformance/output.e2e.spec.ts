/** Standard output and standard error that cannot be written: full disks, and readers that have ended. */
import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import path from 'node:path';

const FULL_DISK = '/dev/full';
const onFullDisk = existsSync(FULL_DISK) ? it : it.skip;
const CLI = path.join(__dirname, '..', 'cli', 'bin', 'orra.js');

/** Logs at each level, then prints that it is alive. */
const LOGS = `
  const { createDefaultLogger } = require('@orra-ts/common/winston');
  const log = createDefaultLogger({ level: 'debug' });
  const write = (left) => {
    for (const level of ['debug', 'info', 'warn', 'error']) log[level](level);
    if (left > 0) return setTimeout(write, 20, left - 1);
    console.log('alive');
  };
  write(5);
`;

let full: number | undefined;
afterEach(() => {
  if (full !== undefined) closeSync(full);
  full = undefined;
});

async function run(args: string[], stdio: StdioOptions, closed?: 'stdout' | 'stderr') {
  const child = spawn(process.execPath, args, { cwd: __dirname, stdio });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    if (name === closed) child[name]?.destroy();
    else child[name]?.on('data', (part: Buffer) => (output[name] += part.toString()));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

it('logs go to standard error', async () => {
  const { code, stdout, stderr } = await run(['-e', LOGS], ['ignore', 'pipe', 'pipe']);
  expect([code, stdout]).toEqual([0, 'alive\n']);
  const levels = stderr
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { level: string }).level);
  expect(levels.slice(0, 4)).toEqual(['debug', 'info', 'warn', 'error']);
});

it('a process survives the end of the reader of its log', async () => {
  expect(await run(['-e', LOGS], ['ignore', 'pipe', 'pipe'], 'stderr')).toMatchObject({ code: 0, stdout: 'alive\n' });
});

onFullDisk('a process survives a full disk behind its log', async () => {
  full = openSync(FULL_DISK, 'w');
  expect(await run(['-e', LOGS], ['ignore', 'pipe', full])).toMatchObject({ code: 0, stdout: 'alive\n' });
});

onFullDisk('a command whose output cannot be written prints one line and exits with 1', async () => {
  full = openSync(FULL_DISK, 'w');
  const { code, stderr } = await run([CLI, 'version'], ['ignore', full, 'pipe']);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^⨯ Error: the output cannot be written: ENOSPC.*\n$/)]);
});

it('a command whose reader has ended exits with 0', async () => {
  expect(await run([CLI, '--help'], ['ignore', 'pipe', 'pipe'], 'stdout')).toMatchObject({ code: 0, stderr: '' });
});
