// The root folder of the repository and its workspaces.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

export function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Workspaces in `packages` and `examples` that have a manifest, sorted by folder. */
export function workspaces(...parents) {
  return (parents.length ? parents : ['packages', 'examples']).flatMap((parent) =>
    readdirSync(path.join(root, parent))
      .sort()
      .map((name) => path.join(root, parent, name))
      .filter((folder) => existsSync(path.join(folder, 'package.json')))
      .map((folder) => ({
        folder,
        path: path.relative(root, folder).split(path.sep).join('/'),
        manifest: readJson(path.join(folder, 'package.json')),
      })),
  );
}

export function publishable() {
  return workspaces('packages').filter(({ manifest }) => manifest.private !== true);
}
