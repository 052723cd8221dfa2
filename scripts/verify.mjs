// Runs all checks other than the tests, two at a time. A failed check does not stop the others. The output of each check is
// printed when it ends.
// `npm run verify -- lint types` runs only those.
import './lib/node-version.mjs';
import { availableParallelism } from 'node:os';
import { requireNode, say, seconds, startNode } from './lib/run.mjs';

const MODULES = 'node_modules';
// Packages use each other's compiled types. Without them, lint, types and dependencies would give wrong results.
const build = ['build', 'scripts/build.mjs', []];
// Long ones first. None of them changes a file that another one reads.
const checks = [
  ['lint', `${MODULES}/eslint/bin/eslint.js`, ['--max-warnings', '0', '.']],
  ['packages', 'scripts/check-packages.mjs', []],
  ['types', 'scripts/check-types.mjs', []],
  ['format', `${MODULES}/prettier/bin/prettier.cjs`, ['--check', '--log-level', 'warn', '.']],
  [
    'dependencies',
    `${MODULES}/dependency-cruiser/bin/dependency-cruise.mjs`,
    ['--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', 'packages', 'examples'],
  ],
  [
    'folders',
    `${MODULES}/dependency-cruiser/bin/dependency-cruise.mjs`,
    ['--config', '.dependency-cruiser.folders.cjs', '--output-type', 'err-long', 'packages'],
  ],
  ['unused', `${MODULES}/knip/bin/knip.js`, ['--tsConfig', 'tsconfig.build.json', '--no-config-hints']],
  ['api', 'scripts/api-reports.mjs', ['--check']],
  ['words', 'scripts/check-words.mjs', []],
];

// Each needs up to 2 GB of memory.
const LANES = Math.min(2, availableParallelism());

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => ![build, ...checks].some(([known]) => known === name));
if (unknown) {
  const names = [build, ...checks].map(([name]) => name).join(', ');
  console.error(`"${unknown}" is not a check. The checks are ${names}.`);
  process.exit(1);
}

requireNode('scripts/install.mjs');

const results = [];

async function check([name, script, args]) {
  const startedMs = performance.now();
  const { status, output } = await startNode(script, args);
  results.push({ name, ok: status === 0, took: seconds(startedMs) });
  say(`Checked ${name}`);
  process.stdout.write(output);
}

const waiting = checks.filter(([name]) => chosen.length === 0 || chosen.includes(name));
async function checkNext() {
  for (let next = waiting.shift(); next; next = waiting.shift()) await check(next);
}

const startedMs = performance.now();
await check(build);
await Promise.all(Array.from({ length: LANES }, checkNext));

say(`Result, after ${seconds(startedMs)}`);
for (const { name, ok, took } of results) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${took}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
