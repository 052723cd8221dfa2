/** Finds installed Orra packages, and other packages that must be installed only once, with their locations. */
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isJsonObject } from '@orra-ts/protocol';

/** They store metadata of classes in the module, so that two copies do not share it. */
const SINGLETON_PACKAGES = ['class-transformer', 'class-validator', 'reflect-metadata'];
const PACKAGE_SCOPE = '@orra-ts/';

export interface PackageCopy {
  readonly version: string;
  readonly path: string;
}

export interface InstalledPackages {
  /** Number of different packages. */
  readonly found: number;
  readonly duplicated: readonly { readonly name: string; readonly copies: readonly PackageCopy[] }[];
}

/** Searches the folders that Node would search from here, and the packages that are installed inside other packages. */
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
    if (name.startsWith(PACKAGE_SCOPE) || SINGLETON_PACKAGES.includes(name)) {
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
      // A symbolic link may be broken.
      .filter((name) => existsSync(join(folder, name)))
  );
}

function versionOf(folder: string): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (isJsonObject(manifest) && typeof manifest['version'] === 'string') return manifest['version'];
  } catch {
    // The manifest is missing or invalid: the version is unknown.
  }
  return 'unknown';
}
