// Applies each mutant to a copy of the compiled packages and counts the seeds that find it: `npm run mutants -- 60`.
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
const MAX_RUN_MS = 60_000;

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

function seedsThatFind(copy, isJournal, seeds) {
  const main = path.join(copy, 'packages/simulation/dist/main.js');
  const args = isJournal ? ['--journal', '--seeds', '1..1000'] : ['--brief', '--seeds', `1..${seeds}`];
  const { stdout, status } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: MAX_RUN_MS });
  if (status === 0) return 'not found';
  const summary = /(\d+) seeds, (\d+) failed/.exec(stdout ?? '');
  return summary ? `${summary[2]} of ${summary[1]} seeds` : 'found: the run did not end';
}

requireNode('scripts/build.mjs');
const seeds = Number(process.argv[2] ?? 100);
const copy = copyPackages();
try {
  for (const { name, file, find, replace } of mutants) {
    const target = path.join(copy, 'packages', file);
    const source = readFileSync(target, 'utf8');
    if (!source.includes(find)) {
      console.log(`OUTDATED    ${name}: ${file} has changed`);
      process.exitCode = 1;
      continue;
    }
    writeFileSync(
      target,
      source.replace(find, () => replace),
    );
    console.log(`${seedsThatFind(copy, name.startsWith('journal:'), seeds).padEnd(28)} ${name}`);
    writeFileSync(target, source);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
