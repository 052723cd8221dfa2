// Compiles every package (only what changed), then writes ESM entry points that re-export the CommonJS ones, so that
// both share one implementation.
import './lib/node-version.mjs';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runNode, say, seconds } from './lib/run.mjs';
import { workspaces } from './lib/workspace.mjs';

const require = createRequire(import.meta.url);
const COMPILED = /\.(js|d\.ts)(\.map)?$/;

/** Removes the output of deleted sources, which `tsc -b` keeps. Otherwise it would still be imported, tested and published. */
function removeOrphans(folder) {
  const dist = path.join(folder, 'dist');
  if (!existsSync(dist)) return;
  for (const file of readdirSync(dist, { recursive: true })) {
    if (!COMPILED.test(file)) continue;
    const source = path.join(folder, 'src', file.replace(COMPILED, ''));
    if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) rmSync(path.join(dist, file));
  }
}

function writeIfChanged(file, content) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== content) writeFileSync(file, content);
}

/** Writes entry points with named exports, so that `import` gets the same objects as `require`, and no `default`. */
function writeEsmEntries({ folder, manifest }) {
  for (const entry of Object.values(manifest.exports ?? {})) {
    if (typeof entry !== 'object' || !entry.import) continue;
    const compiled = path.join(folder, entry.require.default);
    if (!existsSync(compiled)) {
      console.error(`${manifest.name} exports ${entry.require.default}, but no source file compiles to it.`);
      process.exitCode = 1;
      continue;
    }
    const cjs = path.basename(compiled);
    const names = Object.keys(require(compiled)).filter((name) => name !== 'default');
    writeIfChanged(
      path.join(folder, entry.import.default),
      `import cjs from './${cjs}';\n` + (names.length ? `export const { ${names.sort().join(', ')} } = cjs;\n` : ''),
    );
    writeIfChanged(path.join(folder, entry.import.types), `export * from './${cjs}';\n`);
  }
}

say('Building all packages and examples');
const startedMs = performance.now();
const code = runNode('node_modules/typescript/bin/tsc', ['-b', 'tsconfig.build.json']);
if (code !== 0) {
  console.error('The build failed; see the messages of the compiler above.');
  process.exit(code);
}
for (const workspace of workspaces()) removeOrphans(workspace.folder);
for (const workspace of workspaces('packages')) writeEsmEntries(workspace);
if (!process.exitCode) say(`Built in ${seconds(startedMs)}`);
