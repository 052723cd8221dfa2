// Installs if needed, builds, and runs the demo, the shop of examples/ecommerce.
import './lib/node-version.mjs';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { requireNode, say } from './lib/run.mjs';
import { root } from './lib/workspace.mjs';

requireNode('scripts/install.mjs');
requireNode('scripts/build.mjs');

say('Running the demo, examples/ecommerce\n');
const demo = spawn(process.execPath, [path.join(root, 'examples/ecommerce/dist/main.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
// A terminal sends Ctrl-C to the demo too. The demo shuts down, and this process waits for it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => demo.kill('SIGTERM'));
demo.on('error', (error) => {
  console.error(`Could not start the demo: ${error.message}`);
  process.exitCode = 1;
});
demo.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
