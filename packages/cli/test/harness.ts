/** Runs the CLI in this process and captures its output. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '@orra-ts/common';
import type { ProcessIo } from '@orra-ts/common/process';
import { FakeHttpEngine } from '@orra-ts/fakes';
import { runCli } from '../src';
import type { StoredProject } from '../src/config/config';

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Width of the terminal. @default a pipe */
  readonly columns?: number;
  /** Called after every write with the whole output, and with a function that interrupts the run. */
  readonly onOutput?: (out: string, interrupt: () => void, err: string) => void;
}

export interface ConfigContent {
  readonly current_project?: string;
  readonly projects?: Readonly<Record<string, StoredProject>>;
}

/** The home folder and the working folder of one test. */
export class CliHome {
  readonly home = mkdtempSync(join(tmpdir(), 'orra-cli-'));
  readonly cwd = join(this.home, 'work');

  constructor() {
    mkdirSync(this.cwd);
  }

  get configPath(): string {
    return join(this.home, '.orra', 'config.json');
  }

  /** The content of the config file. */
  get config(): ConfigContent {
    return JSON.parse(readFileSync(this.configPath, 'utf8')) as ConfigContent;
  }

  set config(content: ConfigContent) {
    mkdirSync(join(this.home, '.orra'), { recursive: true });
    writeFileSync(this.configPath, JSON.stringify(content));
  }

  file(name: string, content: string): void {
    writeFileSync(join(this.cwd, name), content);
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<Run> {
    const { env = {}, clock = systemClock, columns, onOutput } = options;
    let out = '';
    let err = '';
    let interrupt: () => void = () => undefined;
    const terminal = columns === undefined ? {} : { isTTY: true, columns };
    const io: ProcessIo = {
      stdout: {
        ...terminal,
        write(text) {
          out += text;
          onOutput?.(out, () => interrupt(), err);
        },
      },
      stderr: {
        ...terminal,
        write(text) {
          err += text;
          onOutput?.(out, () => interrupt(), err);
        },
      },
      env,
      cwd: this.cwd,
      home: this.home,
      clock,
      timeZone: 'UTC',
      onInterrupt(listener) {
        // Once: a second Ctrl-C would end the process.
        interrupt = () => {
          interrupt = () => undefined;
          listener();
        };
        return () => (interrupt = () => undefined);
      },
      exit: (code) => {
        throw new Error(`exit(${code})`);
      },
    };
    const code = await runCli(argv, io);
    return { code, out, err };
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** Responds as the Go engine's HTTP server does, with its version in each response. */
export const startGoEngine = (): Promise<FakeHttpEngine> =>
  FakeHttpEngine.start({ headers: { 'x-orra-planeengine-version': '0.2.5' } });
