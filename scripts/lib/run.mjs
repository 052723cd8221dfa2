// Child processes, and the lines that say what a script is doing.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from './workspace.mjs';

const bold = (text) => (process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[0m` : text);

export function say(text) {
  console.log(bold(`==> ${text}`));
}

export function seconds(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** Runs a program with our own input and output and returns its exit code; ended by a signal counts as failed. */
function run(command, args, { onOutput, ...options } = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    stdio: onOutput ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
    // Lerna's task runner must not leave a daemon behind.
    env: { ...process.env, NX_DAEMON: 'false', ...options.env },
  });
  onOutput?.(stdout ?? '', stderr ?? '');
  if (error) console.error(`Could not run ${command}: ${error.message}`);
  if (signal) console.error(`${command} was ended by ${signal}`);
  return status ?? 1;
}

/** As the given runner, but its output comes back instead of being shown. */
export function capture(runner) {
  const output = { stdout: '', stderr: '' };
  const status = runner({ onOutput: (stdout, stderr) => Object.assign(output, { stdout, stderr }) });
  return { status, ...output };
}

export function runNode(script, args = [], options = {}) {
  return run(process.execPath, [path.resolve(root, script), ...args], options);
}

/** As `runNode`, for a script of ours which must succeed before this one can go on. */
export function requireNode(script, args = []) {
  const code = runNode(script, args);
  if (code !== 0) process.exit(code);
}

/** How to start npm: the npm that started us if there is one, so that both use one configuration and cache. */
export function npm(args, options = {}) {
  const cli = process.env.npm_execpath;
  if (cli && path.basename(cli) === 'npm-cli.js') return run(process.execPath, [cli, ...args], options);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
    shell: process.platform === 'win32',
    ...options,
  });
}
