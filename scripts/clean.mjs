// Removes the output of the build and the tests, but not the dependencies.
import './lib/node-version.mjs';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { say } from './lib/run.mjs';
import { root, workspaces } from './lib/workspace.mjs';

for (const folder of [...workspaces().map(({ folder }) => path.join(folder, 'dist')), path.join(root, 'reports')]) {
  rmSync(folder, { recursive: true, force: true });
}
say('Removed dist of every workspace, and reports');
