/** The engine's journal in processes that are killed, and in two concurrent processes. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Stored {
  readonly id: string;
  readonly sequence: number;
  readonly isSound: boolean;
  readonly isOpen: boolean;
}

/** Events per orchestration in `journal-child.cjs`. */
const EVENTS = 6;

let folder: string;
let children: ChildProcessWithoutNullStreams[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'orra-journal-'));
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map(kill));
  rmSync(folder, { recursive: true, force: true });
});

function start(mode: 'hold' | 'write' | 'read'): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [require.resolve('./journal-child.cjs'), mode, folder]);
  child.stderr.pipe(process.stderr);
  children.push(child);
  return child;
}

/** Every line of its output; ends with the process. */
async function* linesOf(child: ChildProcessWithoutNullStreams): AsyncGenerator {
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line);
}

async function firstLine(child: ChildProcessWithoutNullStreams): Promise<unknown> {
  const { value } = await linesOf(child).next();
  return value;
}

async function kill(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Kills a process after this many acknowledged groups; records the position of each orchestration. */
async function writeUntilKilled(groups: number, acknowledged: Map<string, number>): Promise<void> {
  const child = start('write');
  let seen = 0;
  for await (const line of linesOf(child)) {
    for (const [id, sequence] of line as [string, number][]) acknowledged.set(id, sequence);
    seen += 1;
    // Lines written before the signal arrived are still read.
    if (seen === groups) child.kill('SIGKILL');
  }
  expect(seen).toBeGreaterThanOrEqual(groups);
}

it('E1: everything acknowledged before SIGKILL is stored, in order and complete, in repeated runs', async () => {
  const acknowledged = new Map<string, number>();
  for (const groups of [1, 7, 40, 3, 120]) {
    await writeUntilKilled(groups, acknowledged);
    const stored = new Map<string, Stored>();
    for await (const line of linesOf(start('read'))) stored.set((line as Stored).id, line as Stored);
    for (const [id, sequence] of acknowledged) {
      const one = stored.get(id);
      expect(one).toMatchObject({ isSound: true, isOpen: one?.sequence !== EVENTS });
      // One group may be committed whose acknowledgement was not written.
      expect([sequence, sequence + 1]).toContain(one?.sequence);
    }
    const unheardOf = [...stored.values()].filter(({ id }) => !acknowledged.has(id));
    expect(unheardOf.every(({ sequence, isSound }) => sequence === 1 && isSound)).toBe(true);
    for (const { id, sequence } of stored.values()) acknowledged.set(id, sequence);
  }
});

it('only one process can open a folder, and a killed process does not leave a lock', async () => {
  const holder = start('hold');
  expect(await firstLine(holder)).toEqual({ epoch: 1 });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    expect(await firstLine(start('hold'))).toMatchObject({
      code: 'ORRA_STORAGE_LOCKED',
      message: expect.stringContaining(path.join(folder, 'engine.db')) as string,
    });
  }
  await kill(holder);
  expect(await firstLine(start('hold'))).toEqual({ epoch: 2 });
});
