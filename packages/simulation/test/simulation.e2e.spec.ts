/** Worlds from fixed seeds. A failing seed prints how to see its trace. */
import { execFile } from 'node:child_process';
import path from 'node:path';

const MAIN = path.join(__dirname, '../dist/main.js');

/** Rejects with what was printed when a rule is broken. */
const simulate = (...args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, [MAIN, ...args], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${stdout}${stderr}`));
      else resolve(stdout);
    });
  });

describe('simulation', () => {
  it('no rule is broken in 300 worlds', async () => {
    const printed = await simulate('--seeds', '1..300');
    expect(printed).toMatch(/^300 seeds, \d+ charges, 0 failed\n$/);
    // Worlds in which no handler runs break no rule.
    expect(Number(/(\d+) charges/.exec(printed)?.[1])).toBeGreaterThan(3000);
    // Takes 12 s on an idle machine, and eight times as long on a busy one.
  }, 300_000);

  it('the file journal of the SDK keeps what it has stored, in 1000 runs on a faulty disk', async () => {
    expect(await simulate('--journal', '--seeds', '1..1000')).toBe('1000 seeds, 0 failed\n');
  }, 60_000);

  it.each([7, 61, 186])('world %i has the same trace each time', async (seed) => {
    const [first, second] = await Promise.all([simulate('--seed', `${seed}`), simulate('--seed', `${seed}`)]);
    expect(second).toBe(first);
    expect(first).toMatch(/starts handler[\s\S]*charges[\s\S]*hash [0-9a-f]{16}\n$/);
  });
});
