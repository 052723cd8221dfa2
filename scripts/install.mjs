// Runs `npm ci` unless node_modules equals the lockfile.
// `--check` only prints the result of the comparison. An argument selects another folder than this repository.
import './lib/node-version.mjs';
import path from 'node:path';
import { installReason } from './lib/install-state.mjs';
import { npm, say, seconds } from './lib/run.mjs';
import { root as repository } from './lib/workspace.mjs';

const args = process.argv.slice(2);
const checkOnly = args.includes('--check');
const root = path.resolve(args.find((arg) => !arg.startsWith('--')) ?? repository);
const reason = installReason(root);

if (reason === undefined) {
  say('Dependencies are installed');
} else if (checkOnly) {
  say(`Dependencies must be installed: ${reason}`);
  process.exitCode = 1;
} else {
  say(`Installing dependencies with "npm ci": ${reason}. The first time takes a minute`);
  const startedMs = performance.now();
  // Includes development tools even if NODE_ENV=production or npm's settings omit them.
  const code = npm(['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], { cwd: root });
  if (code !== 0) {
    console.error('"npm ci" failed; see its message above. The installation needs access to the npm registry.');
    process.exit(code);
  }
  say(`Installed in ${seconds(startedMs)}`);
}
