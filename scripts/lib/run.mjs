// Runs child processes, and prints the progress of a script.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from './workspace.mjs';

const bold = (text) => (process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[0m` : text);

export function say(text) {
  console.log(bold(`==> ${text}`));
}

export function seconds(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** Runs a program with the stdio of this process and returns its exit code; 1 if a signal ended it. */
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
  if (signal) console.error(`${command} was killed by ${signal}`);
  return status ?? 1;
}

/** Runs the given runner, and returns its output instead of printing it. */
export function capture(runner) {
  const output = { stdout: '', stderr: '' };
  const status = runner({ onOutput: (stdout, stderr) => Object.assign(output, { stdout, stderr }) });
  return { status, ...output };
}

export function runNode(script, args = [], options = {}) {
  return run(process.execPath, [path.resolve(root, script), ...args], options);
}

/** Like `runNode`, beside others: resolves with the exit code and the output, in the order in which it was written. */
export function startNode(script, args = []) {
  const colours = process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: '1' } : {};
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.resolve(root, script), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NX_DAEMON: 'false', ...colours },
    });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => output.push(Buffer.from(`Could not run ${script}: ${error.message}\n`)));
    child.on('close', (code, signal) => {
      if (signal) output.push(Buffer.from(`${script} was killed by ${signal}\n`));
      resolve({ status: code ?? 1, output: Buffer.concat(output) });
    });
  });
}

/** Runs a script with Node, and exits with its code if it fails. */
export function requireNode(script, args = []) {
  const code = runNode(script, args);
  if (code !== 0) process.exit(code);
}

/** Runs the npm that started this process, if any, so that both use the same configuration and cache. */
export function npm(args, options = {}) {
  const cli = process.env.npm_execpath;
  if (cli && path.basename(cli) === 'npm-cli.js') return run(process.execPath, [cli, ...args], options);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
    shell: process.platform === 'win32',
    ...options,
  });
}
