// Adds missing optional packages of other platforms to package-lock.json.
//
// With a registry that mirrors only some platforms, `npm install` silently omits the packages that it cannot fetch. Then
// `npm ci` refuses the lockfile on every machine ("Missing: … from lock file"). The added entries have no hash, because
// the package is not available here. Run this after `npm install` if the test of the lockfile fails.
import './lib/node-version.mjs';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { say } from './lib/run.mjs';
import { readJson, root } from './lib/workspace.mjs';

const OS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32', 'aix'];
const CPU = ['arm64', 'arm', 'x64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32'];
const LIBC = { gnu: 'glibc', musl: 'musl' };

const file = path.join(root, 'package-lock.json');
const lockfile = readJson(file);
const { packages } = lockfile;

function isLocked(from, name) {
  for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf('/node_modules/'))) {
    if (`${folder}/node_modules/${name}` in packages) return true;
    if (!folder.includes('/node_modules/')) return `node_modules/${name}` in packages;
  }
}

let added = 0;
for (const [from, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(from, name)) continue;
    const words = name.split(/[/-]/);
    const os = OS.filter((word) => words.includes(word));
    const cpu = CPU.filter((word) => words.includes(word));
    if (!os.length || !cpu.length || !/^\d/.test(version)) {
      console.error(
        `${name} ${version}, optional for ${from}, is not in the lockfile, and its name does not contain a platform.`,
      );
      process.exitCode = 1;
      continue;
    }
    const libc = Object.keys(LIBC).filter((word) => words.includes(word));
    packages[`node_modules/${name}`] = {
      version,
      cpu,
      ...(entry.dev && { dev: true }),
      ...(libc.length && { libc: libc.map((word) => LIBC[word]) }),
      optional: true,
      os,
    };
    added += 1;
  }
}
if (added) {
  const byPath = ([a], [b]) => (a === b ? 0 : a === '' ? -1 : b === '' ? 1 : a.localeCompare(b, 'en'));
  lockfile.packages = Object.fromEntries(Object.entries(packages).sort(byPath));
  writeFileSync(file, `${JSON.stringify(lockfile, null, 2)}\n`);
}
say(`${added} optional packages of other platforms were added to package-lock.json`);
