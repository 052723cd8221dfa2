// Compares npm's own record of what it installed with package-lock.json.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Why `npm ci` has to run, or `undefined` when `node_modules` is what the lockfile asks for. */
export function installReason(root) {
  if (!existsSync(path.join(root, 'node_modules'))) return 'there is no node_modules';
  const record = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return 'node_modules is incomplete';

  const installed = packagesOf(record);
  const missing = Object.keys(installed).find((name) => !existsSync(path.join(root, name)));
  if (missing !== undefined) return `${missing} is missing`;

  for (const [name, { version, ...wanted }] of Object.entries(packagesOf(path.join(root, 'package-lock.json')))) {
    if (!installed[name] && isNeeded(wanted)) return `${name} is not installed`;
    if (installed[name] && installed[name].version !== version) {
      return `${name} is ${installed[name].version}, not ${version}`;
    }
  }
  return undefined;
}

function packagesOf(lockfile) {
  const { packages } = JSON.parse(readFileSync(lockfile, 'utf8'));
  delete packages[''];
  return packages;
}

/** npm leaves out optional packages for other platforms; those for this one must be there. */
function isNeeded({ optional, os, cpu, libc }) {
  return !optional || Boolean(os?.includes(process.platform) && cpu?.includes(process.arch) && !libc);
}
