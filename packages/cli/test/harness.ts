/** Runs of the CLI in this process, with everything it prints caught, and a server that answers as it is told. */
import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '@orra-ts/common';
import type { ProcessIo } from '@orra-ts/common/process';
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
  /** Columns of a terminal. @default a pipe */
  readonly columns?: number;
  /** Called with everything that is printed so far, and with what interrupts the run. */
  readonly onOutput?: (out: string, interrupt: () => void, err: string) => void;
}

export interface ConfigContent {
  readonly current_project?: string;
  readonly projects?: Readonly<Record<string, StoredProject>>;
}

/** A home folder and a working folder of one test. */
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
        // Once: a second Ctrl-C would end the process at once.
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

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export type Answer = 'drop' | { readonly status: number; readonly contentType?: string; readonly body?: unknown };

/** Answers each route with its answers in turn, the last one again and again; everything else as the Go engine's router. */
export class ScriptedEngine {
  readonly received: Received[] = [];
  private readonly answers = new Map<string, Answer[]>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ScriptedEngine> {
    const server = createServer();
    const engine = new ScriptedEngine(server);
    server.on('request', (request, response) => {
      let text = '';
      request.setEncoding('utf8');
      request.on('data', (part: string) => (text += part));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        engine.received.push({ method, path: url, headers, body: text === '' ? undefined : JSON.parse(text) });
        const steps = engine.answers.get(`${method} ${url}`) ?? [];
        const answer = (steps.length > 1 ? steps.shift() : steps[0]) ?? { status: 404, body: '404 page not found\n' };
        if (answer === 'drop') return request.socket.destroy();
        const { status, contentType, body } = answer;
        response.writeHead(status, {
          'x-orra-planeengine-version': '0.2.5',
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
        });
        response.end(body === undefined ? undefined : typeof body === 'string' ? body : `${JSON.stringify(body)}\n`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return engine;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  answer(method: string, path: string, ...answers: Answer[]): void {
    this.answers.set(`${method} ${path}`, answers);
  }

  forget(): void {
    this.answers.clear();
    this.received.length = 0;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
