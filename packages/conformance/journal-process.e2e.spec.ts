/** The engine's journal in processes that are killed, and in two at once. */
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

/** Of one orchestration in `journal-child.cjs`. */
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

/** Every line it says; ends when it does. */
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

/** Lets a process append until so many groups are acknowledged, then kills it; records how far each orchestration has come. */
async function writeUntilKilled(groups: number, acknowledged: Map<string, number>): Promise<void> {
  const child = start('write');
  let seen = 0;
  for await (const line of linesOf(child)) {
    for (const [id, sequence] of line as [string, number][]) acknowledged.set(id, sequence);
    seen += 1;
    // Lines that were said before the signal arrived are still read.
    if (seen === groups) child.kill('SIGKILL');
  }
  expect(seen).toBeGreaterThanOrEqual(groups);
}

it('E1: whatever was acknowledged before SIGKILL is there after it, in order and whole, time after time', async () => {
  const acknowledged = new Map<string, number>();
  for (const groups of [1, 7, 40, 3, 120]) {
    await writeUntilKilled(groups, acknowledged);
    const stored = new Map<string, Stored>();
    for await (const line of linesOf(start('read'))) stored.set((line as Stored).id, line as Stored);
    for (const [id, sequence] of acknowledged) {
      const one = stored.get(id);
      expect(one).toMatchObject({ isSound: true, isOpen: one?.sequence !== EVENTS });
      // One group may have been committed whose acknowledgement was never said.
      expect([sequence, sequence + 1]).toContain(one?.sequence);
    }
    const unheardOf = [...stored.values()].filter(({ id }) => !acknowledged.has(id));
    expect(unheardOf.every(({ sequence, isSound }) => sequence === 1 && isSound)).toBe(true);
    for (const { id, sequence } of stored.values()) acknowledged.set(id, sequence);
  }
});

it('one folder serves one process at a time, and a killed one leaves no lock behind', async () => {
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
