// Installs the packed packages strictly, with pnpm: a package can import only its own dependencies, so a package that
// imports the dependency of another one does not load.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runNode } from './run.mjs';

// Without `hoist=false` pnpm keeps a folder with all packages, which each of them can import.
const SETTINGS = `hoist=false
public-hoist-pattern=
node-linker=isolated
strict-peer-dependencies=true
auto-install-peers=true
ignore-scripts=true
prefer-offline=true
update-notifier=false
`;

/** Creates a project in `folder` that depends only on `names`, and installs it; Orra packages come from their tarballs. */
export function strictInstall(folder, names, tarballs, options) {
  mkdirSync(folder, { recursive: true });
  const files = Object.fromEntries(tarballs.map(({ name, file }) => [name, `file:${file}`]));
  const manifest = {
    name: path.basename(folder),
    private: true,
    dependencies: Object.fromEntries(names.map((name) => [name, files[name] ?? '*'])),
    pnpm: { overrides: files },
  };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(path.join(folder, '.npmrc'), SETTINGS);
  return runNode('node_modules/pnpm/bin/pnpm.cjs', ['install', '--no-frozen-lockfile', '--reporter=append-only'], {
    ...options,
    cwd: folder,
  });
}

/** Returns the names of all packages in a strict installation, at any depth. */
export function strictlyInstalled(folder) {
  return readdirSync(path.join(folder, 'node_modules', '.pnpm'))
    .filter((entry) => entry.includes('@', 1))
    .map((entry) => entry.slice(0, entry.indexOf('@', 1)).replace('+', '/'));
}

export const loadProgram = (specifiers) => `for (const name of ${JSON.stringify(specifiers)}) require(name);\n`;

/** A program that uses the journal, the database, the default logger and the HTTP client: one service, one engine. */
export const bootProgram = `
const { embeddedEngine } = require('@orra-ts/engine');
const { OrraFactory, defineService, jsonSchema } = require('@orra-ts/sdk');

const word = jsonSchema({ type: 'object', properties: { word: { type: 'string' } }, required: ['word'] });
const echo = defineService({ name: 'echo', description: 'Repeats a word', input: word, output: word }, (task) => task.input);

async function main() {
  const app = await OrraFactory.create({ services: [echo], engine: embeddedEngine(), dataDir: './data' });
  await app.start();
  await app.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
`;
