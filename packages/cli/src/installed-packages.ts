/** Which packages of ours, and those that must be there once beside them, are installed where. */
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isJsonObject } from '@orra-ts/protocol';

/** What they record about classes is kept in the module itself. */
const SINGLETON_PACKAGES = ['class-transformer', 'class-validator', 'reflect-metadata'];
const OUR_SCOPE = '@orra-ts/';

export interface PackageCopy {
  readonly version: string;
  readonly path: string;
}

export interface InstalledPackages {
  /** How many different packages there are. */
  readonly found: number;
  readonly duplicated: readonly { readonly name: string; readonly copies: readonly PackageCopy[] }[];
}

/** Looks where Node would look from this folder, and into what is installed inside of other packages. */
export function findCopies(folder: string): InstalledPackages {
  const copies = new Map<string, Map<string, PackageCopy>>();
  const seen = new Set<string>();
  for (let at = folder; ; at = dirname(at)) {
    collectFrom(join(at, 'node_modules'), copies, seen);
    if (dirname(at) === at) break;
  }
  const duplicated = [...copies]
    .map(([name, places]) => ({ name, copies: [...places.values()] }))
    .filter(({ copies: places }) => places.length > 1)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { found: copies.size, duplicated };
}

function collectFrom(modules: string, copies: Map<string, Map<string, PackageCopy>>, seen: Set<string>): void {
  for (const { name, path } of packagesIn(modules)) {
    const real = realpathSync(path);
    if (seen.has(real)) continue;
    seen.add(real);
    if (name.startsWith(OUR_SCOPE) || SINGLETON_PACKAGES.includes(name)) {
      const places = copies.get(name) ?? new Map<string, PackageCopy>();
      copies.set(name, places.set(real, { version: versionOf(real), path: real }));
    }
    collectFrom(join(real, 'node_modules'), copies, seen);
  }
}

function packagesIn(modules: string): { readonly name: string; readonly path: string }[] {
  return foldersIn(modules).flatMap((name) => {
    if (!name.startsWith('@')) return [{ name, path: join(modules, name) }];
    return foldersIn(join(modules, name)).map((inner) => ({
      name: `${name}/${inner}`,
      path: join(modules, name, inner),
    }));
  });
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return (
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      // A link may point to what is gone.
      .filter((name) => existsSync(join(folder, name)))
  );
}

function versionOf(folder: string): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (isJsonObject(manifest) && typeof manifest['version'] === 'string') return manifest['version'];
  } catch {
    // Said below.
  }
  return 'unknown';
}
