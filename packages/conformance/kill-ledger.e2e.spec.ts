/**
 * Processes are killed at random moments, and a ledger outside of them judges: each effect of a revertible task is part of
 * a completed orchestration, or undone, or on the list for an operator, and nothing is undone twice. The ledger's banks
 * recognise idempotency keys, or do not; handlers of the latter set `onCrash: 'fail'`.
 *
 * `npm run kills -- 300 --seed 7` has more kills.
 */
import { killRun, type KillOptions } from './kill/kill-run';

const kills = Number(process.env['ORRA_KILLS'] ?? 5);
const seed = Number(process.env['ORRA_KILL_SEED'] ?? 1);

it.each<[string, Omit<KillOptions, 'seed' | 'kills'>]>([
  ['the engine', { victims: 'engine', replicas: 1, clockJumps: false }],
  ['service processes', { victims: 'services', replicas: 1, clockJumps: false }],
  ['both, with two replicas of each service', { victims: 'both', replicas: 2, clockJumps: false }],
  ['both, while wall clocks jump by an hour or a day', { victims: 'both', replicas: 1, clockJumps: true }],
  ['both, with two replicas and clock jumps', { victims: 'both', replicas: 2, clockJumps: true }],
])(
  'SIGKILL of %s: each effect is kept, undone or listed, and nothing is undone twice',
  async (_, options) => {
    const { violations, counts, records } = await killRun({ ...options, seed, kills });
    if (process.env['ORRA_KILLS'] !== undefined) {
      console.info(JSON.stringify({ ...options, seed, kills, counts, records, violations: violations.length }));
    }
    expect(violations).toEqual([]);
    expect(counts.committed + counts.undone + counts.listed).toBeGreaterThan(0);
  },
  120_000 + kills * 10_000,
);
