// Type-checks what the build does not compile: tests of the packages, and correct and wrong uses of public types under
// the compiler settings that users have. Packages resolve each other's `dist`, so build first.
import './lib/node-version.mjs';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { runNode } from './lib/run.mjs';
import { root, workspaces } from './lib/workspace.mjs';

const projects = [
  ...workspaces().map((workspace) => `${workspace.path}/tsconfig.json`),
  'packages/sdk/test/types/tsconfig.json',
  'packages/sdk/test/types/tsconfig.nest.json',
].filter((project) => existsSync(path.join(root, project)));

let failed = 0;
for (const project of projects) {
  const ok = runNode('node_modules/typescript/bin/tsc', ['-p', project, '--noEmit', '--pretty']) === 0;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${project}`);
  if (!ok) failed += 1;
}
process.exitCode = failed ? 1 : 0;
