// Compares npm's own record of what it installed with package-lock.json.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Returns the reason to run `npm ci`, or `undefined` if `node_modules` equals the lockfile. */
export function installReason(root) {
  if (!existsSync(path.join(root, 'node_modules'))) return 'node_modules does not exist';
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

/** npm omits optional packages for other platforms. Those for this platform are required. */
function isNeeded({ optional, os, cpu, libc }) {
  return !optional || Boolean(os?.includes(process.platform) && cpu?.includes(process.arch) && !libc);
}
