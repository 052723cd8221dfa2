// Builds, then runs the kill tests with more kills than CI does: `npm run kills -- 300 --seed 7`. The kills are shared
// evenly among the tests; each prints what became of the charges.
import './lib/node-version.mjs';
import { parseArgs } from 'node:util';
import { requireNode, runNode } from './lib/run.mjs';

const TESTS = 5;
const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true });
const kills = Number(positionals[0] ?? 300);
const seed = Number(values.seed ?? 1);
if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
  console.error('usage: npm run kills -- [number of kills] [--seed number]');
  process.exit(1);
}

requireNode('scripts/build.mjs');
process.exitCode = runNode(
  'node_modules/jest/bin/jest.js',
  ['--selectProjects', 'built', '--runTestsByPath', 'packages/conformance/kill-ledger.e2e.spec.ts'],
  { env: { ORRA_KILLS: String(Math.ceil(kills / TESTS)), ORRA_KILL_SEED: String(seed) } },
);
