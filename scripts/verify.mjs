// Runs all checks other than the tests. A failed check does not stop the others.
// `npm run verify -- lint types` runs only those.
import './lib/node-version.mjs';
import { requireNode, runNode, say, seconds } from './lib/run.mjs';

const MODULES = 'node_modules';
const checks = [
  // Packages use each other's compiled types. Without them, lint, types and dependencies would give wrong results.
  ['build', 'scripts/build.mjs', []],
  ['format', `${MODULES}/prettier/bin/prettier.cjs`, ['--check', '--log-level', 'warn', '.']],
  ['lint', `${MODULES}/eslint/bin/eslint.js`, ['--max-warnings', '0', '.']],
  ['types', 'scripts/check-types.mjs', []],
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
  ['packages', 'scripts/check-packages.mjs', []],
];

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !checks.some(([known]) => known === name));
if (unknown) {
  console.error(`"${unknown}" is not a check. The checks are ${checks.map(([name]) => name).join(', ')}.`);
  process.exit(1);
}

requireNode('scripts/install.mjs');

const results = [];
for (const [name, script, args] of checks) {
  if (chosen.length && name !== 'build' && !chosen.includes(name)) continue;
  say(`Checking ${name}`);
  const startedMs = performance.now();
  const ok = runNode(script, args) === 0;
  results.push({ name, ok, took: seconds(startedMs) });
}

say('Result');
for (const { name, ok, took } of results) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${took}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
