// Applies each mutant to a copy of the compiled packages and looks for the first seed that finds it:
// `npm run mutants -- 300`, or `npm run mutants -- 300 fence` for those whose name contains `fence`.
import './lib/node-version.mjs';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mutants } from '../packages/simulation/mutants/mutants.mjs';
import { requireNode } from './lib/run.mjs';
import { root } from './lib/workspace.mjs';

const PACKAGES = ['protocol', 'common', 'client', 'sdk', 'engine', 'simulation'];
/** Many times what a world takes. A mutant that makes a run longer does not come to rest. */
const MAX_RUN_MS_PER_SEED = 1_000;

/** Our packages are copied, everything else is linked. */
function copyPackages() {
  const copy = mkdtempSync(path.join(tmpdir(), 'orra-mutants-'));
  const modules = path.join(copy, 'node_modules');
  mkdirSync(path.join(modules, '@orra-ts'), { recursive: true });
  for (const name of readdirSync(path.join(root, 'node_modules'))) {
    if (name !== '@orra-ts') symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
  for (const name of PACKAGES) {
    const from = path.join(root, 'packages', name);
    const to = path.join(copy, 'packages', name);
    cpSync(path.join(from, 'dist'), path.join(to, 'dist'), { recursive: true });
    cpSync(path.join(from, 'package.json'), path.join(to, 'package.json'));
    const own = path.join(from, 'node_modules');
    if (existsSync(own)) symlinkSync(own, path.join(to, 'node_modules'));
    symlinkSync(to, path.join(modules, '@orra-ts', name));
  }
  return copy;
}

/** The first seed that finds a mutant, with the rules that it breaks. */
function firstSeed(copy, isJournal, seeds) {
  const main = path.join(copy, 'packages/simulation/dist/main.js');
  const args = isJournal ? ['--journal', '--seeds', '1..1000'] : ['--first', '--seeds', `1..${seeds}`];
  const timeout = (isJournal ? 1_000 : seeds) * MAX_RUN_MS_PER_SEED;
  const { stdout, status } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout });
  if (status === 0) return 'survives';
  const found = [...(stdout ?? '').matchAll(/^seed (\d+): (\w[\w-]*):/gm)];
  if (found.length === 0) return 'found: the run did not end';
  return `seed ${found[0][1]}: ${[...new Set(isJournal ? ['model'] : found.map(([, , rule]) => rule))].join(', ')}`;
}

/** Writes the changes; returns how to undo them, or undefined if one of them does not apply. */
function apply(copy, changes) {
  const before = changes.map(({ file }) => [
    path.join(copy, 'packages', file),
    readFileSync(path.join(copy, 'packages', file), 'utf8'),
  ]);
  const undo = () => before.forEach(([target, source]) => writeFileSync(target, source));
  for (const [index, { find, replace }] of changes.entries()) {
    const [target] = before[index];
    const source = readFileSync(target, 'utf8');
    if (!source.includes(find)) return undo();
    writeFileSync(
      target,
      source.replace(find, () => replace),
    );
  }
  return undo;
}

requireNode('scripts/build.mjs');
const seeds = Number(process.argv[2] ?? 300);
const only = process.argv[3];
const copy = copyPackages();
let count = 0;
let found = 0;
try {
  for (const { name, changes } of mutants) {
    if (only !== undefined && !name.includes(only)) continue;
    const undo = apply(copy, changes);
    if (!undo) {
      console.log(`OUTDATED                          ${name}: the code has changed`);
      process.exitCode = 1;
      continue;
    }
    const result = firstSeed(copy, name.startsWith('journal:'), seeds);
    undo();
    count++;
    if (result !== 'survives') found++;
    console.log(`${result.padEnd(34)}${name}`);
  }
  console.log(`${found} of ${count} mutants are found within ${seeds} seeds`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
