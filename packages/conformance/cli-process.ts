/** Runs `orra` as users do: in a separate process, with its own folder and config. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '..', '..');
const BIN = path.join(root, 'packages', 'cli', 'bin', 'orra.js');

/** `script` is part of util-linux; it runs a command in a pseudo-terminal. */
export const hasTerminals = existsSync('/usr/bin/script') && process.platform === 'linux';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export class CliFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'orra-cli-e2e-'));
  /** The shell command that runs `orra`. */
  readonly command = `'${process.execPath}' '${BIN}'`;
  private readonly children = new Set<ChildProcess>();

  constructor() {
    symlinkSync(path.join(root, 'node_modules'), path.join(this.path, 'node_modules'));
  }

  /** Runs a shell command and waits until it ends. */
  async run(line: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const child = this.spawn(line, env);
    let [out, err] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, err };
  }

  /** Runs a shell command in a terminal of this width, so that the output has colours and fits. */
  async inTerminal(line: string, columns: number, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const ended = await this.run(`script -qec "stty cols ${columns}; ${line}" /dev/null`, env);
    return { ...ended, out: ended.out.replaceAll('\r\n', '\n') };
  }

  /** Starts a command that keeps running. Resolves with the output so far when it matches the pattern. */
  async start(
    line: string,
    said: RegExp,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly said: string; end(signal: NodeJS.Signals): Promise<number | null> }> {
    // `exec` replaces the shell, so that signals reach the command.
    const child = this.spawn(`exec ${line}`, env);
    let printed = '';
    await new Promise<void>((resolve, reject) => {
      const listen = (text: string): void => {
        printed += text;
        if (said.test(printed)) resolve();
      };
      child.stdout?.setEncoding('utf8').on('data', listen);
      child.stderr?.setEncoding('utf8').on('data', listen);
      child.once('exit', (code) => reject(new Error(`${line} ended with ${code}: ${printed}`)));
    });
    return {
      said: printed,
      async end(signal) {
        const exited = once(child, 'exit') as Promise<[number | null]>;
        child.kill(signal);
        return (await exited)[0];
      },
    };
  }

  async remove(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(this.path, { recursive: true, force: true });
  }

  private spawn(line: string, env: Readonly<Record<string, string>>): ChildProcess {
    const { PATH } = process.env;
    const child = spawn('sh', ['-c', line], {
      cwd: this.path,
      env: { PATH, HOME: this.path, TERM: 'xterm', TZ: 'UTC', ORRA_LOG_LEVEL: 'error', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.children.add(child);
    return child;
  }
}
