// Decides whether `node_modules` is what `package-lock.json` asks for.
//
// After an installation of ours a stamp in `node_modules` holds the lockfile's hash. Without the stamp (the user ran
// `npm ci` or `npm install`) npm's own record of what it installed is compared with the lockfile, package by package.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const STAMP = 'node_modules/.orra-install.json';
const NPM_RECORD = 'node_modules/.package-lock.json';

/** Why `npm ci` has to run, or `undefined` when everything is in place. */
export function installReason(root) {
  const record = readRecord(path.join(root, NPM_RECORD));
  if (!record)
    return existsSync(path.join(root, 'node_modules')) ? 'node_modules is incomplete' : 'there is no node_modules';

  const gone = Object.keys(record).find((name) => !existsSync(path.join(root, name)));
  if (gone !== undefined) return `${gone} is missing`;

  if (readStamp(root) === fingerprint(root)) return undefined;
  const difference = firstDifference(readRecord(path.join(root, 'package-lock.json')) ?? {}, record);
  return difference && `node_modules differs from package-lock.json (${difference})`;
}

export function writeStamp(root) {
  writeFileSync(path.join(root, STAMP), `${JSON.stringify({ fingerprint: fingerprint(root) })}\n`);
}

/** The lockfile, and the machine: prebuilt binaries in `node_modules` of another platform do not load. */
function fingerprint(root) {
  const lockfile = readFileSync(path.join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lockfile).digest('hex')} ${process.platform} ${process.arch}`;
}

function readStamp(root) {
  try {
    return JSON.parse(readFileSync(path.join(root, STAMP), 'utf8')).fingerprint;
  } catch {
    return undefined;
  }
}

/** The `packages` of a lockfile without the root's own entry, or `undefined` if the file is absent or damaged. */
function readRecord(file) {
  try {
    const { packages } = JSON.parse(readFileSync(file, 'utf8'));
    delete packages[''];
    return packages;
  } catch {
    return undefined;
  }
}

function firstDifference(wanted, installed) {
  for (const [name, entry] of Object.entries(wanted)) {
    const found = installed[name];
    if (!found) {
      if (mayBeAbsent(entry)) continue;
      return `${name} is not installed`;
    }
    if (found.version !== entry.version || (entry.integrity && found.integrity !== entry.integrity)) {
      return `${name} is ${found.version ?? 'linked'}, not ${entry.version ?? 'linked'}`;
    }
  }
  const extra = Object.keys(installed).find((name) => !(name in wanted));
  return extra && `${extra} is not in the lockfile`;
}

/** Optional packages are left out by npm where they do not fit; one made for this very machine must be there. */
function mayBeAbsent({ optional, os, cpu, libc }) {
  if (!optional) return false;
  if (!os && !cpu) return true;
  return !((os?.includes(process.platform) ?? true) && (cpu?.includes(process.arch) ?? true) && !libc);
}
