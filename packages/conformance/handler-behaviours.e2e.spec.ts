/** Whatever a handler, a rule or a revert does, its process continues. In real processes, because jest hides uncaught errors. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Summary {
  readonly keys: number;
  readonly withOutcome: number;
  readonly hung: number;
  readonly overdue: number;
  readonly late: number;
  readonly severalOutcomes: readonly unknown[];
  readonly malformed: number;
}

it('H1: after 5,000 generated behaviours each key has one outcome or is in progress, and every slot is free', async () => {
  const file = require.resolve('./handler-behaviours-child.cjs');
  // Printed only if it ends by itself: it then has used every slot again, and every late outcome has arrived.
  const { stdout } = await run(process.execPath, [file, '5000', '7'], { maxBuffer: 2 ** 24 });
  const { keys, withOutcome, hung, overdue, late, severalOutcomes, malformed } = JSON.parse(stdout) as Summary;
  expect({ keys, severalOutcomes, malformed }).toEqual({ keys: 5_000, severalOutcomes: [], malformed: 0 });
  expect(overdue).toBe(hung);
  expect(withOutcome).toBe(keys - hung + late);
  expect(late).toBeGreaterThan(100);
  expect(hung - late).toBeGreaterThan(100);
}, 180_000);

describe('an abort whose error does not reach the handler', () => {
  const program = async (name: string): Promise<{ code: number; stdout: string; stderr: string }> => {
    try {
      return { code: 0, ...(await run(process.execPath, [require.resolve('./escaped-abort-child.cjs'), name])) };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  };

  it.each(['timer', 'forEach'])('in a %s it is the abort, and one warning names its place', async (name) => {
    const { code, stdout } = await program(name);
    expect(code).toBe(0);
    const { outcome, warnings, listeners } = JSON.parse(stdout) as {
      outcome: unknown;
      warnings: { at: string }[];
      listeners: number;
    };
    expect(outcome).toMatchObject({ type: 'task_abort_result', result: { task: { reason: name } } });
    expect(warnings).toEqual([
      {
        at: expect.stringMatching(/escaped-abort-child\.cjs:\d+/) as string,
        idempotencyKey: expect.any(String) as string,
      },
    ]);
    expect(listeners).toBe(1);
  });

  it('after the end of the handler it has no effect but a warning', async () => {
    const { code, stdout } = await program('after the end');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: { type: 'task_result', error: null }, warnings: [{}] });
  });

  it('an abort that leaves its handler keeps no listener in the process', async () => {
    const { stdout } = await program('in the handler');
    expect(JSON.parse(stdout)).toMatchObject({ outcome: { type: 'task_abort_result' }, warnings: [], listeners: 0 });
  });

  it.each(['foreign rejection', 'foreign error'])('a %s still ends the process', async (name) => {
    const { code, stdout, stderr } = await program(name);
    expect(code).toBe(1);
    expect(stderr).toContain('Error: not of the SDK');
    expect(stdout).toBe('');
  });
});
