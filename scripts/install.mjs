// Runs `npm ci` unless node_modules is what the lockfile asks for.
// `--check` only prints what it would do; a folder among the arguments takes this repository's place.
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
  say(`Dependencies have to be installed: ${reason}`);
  process.exitCode = 1;
} else {
  say(`Installing dependencies with "npm ci": ${reason}. The first time takes a minute`);
  const startedMs = performance.now();
  // Everything, also where NODE_ENV=production or npm's settings would leave the development tools out.
  const code = npm(['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], { cwd: root });
  if (code !== 0) {
    console.error(
      '"npm ci" failed; its own message is above. Without access to the npm registry nothing can be installed.',
    );
    process.exit(code);
  }
  say(`Installed in ${seconds(startedMs)}`);
}
