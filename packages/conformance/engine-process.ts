/** Runs the engine as operators do: in a separate process that can be killed and restarted on the same port and folder. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOrraClient } from '@orra-ts/client';

const BIN = path.join(__dirname, '..', 'engine', 'bin', 'orra-engine.js');

export interface EngineProgram {
  /** A script with the flags of orra-engine. @default orra-engine */
  readonly program?: string;
  /** A module that is loaded before the program. */
  readonly preload?: string;
}

export class EngineProcess {
  private child: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    private readonly port: number,
    readonly storage: string,
    private readonly env: Readonly<Record<string, string>>,
    private readonly node: EngineProgram,
  ) {}

  /** @param env environment variables to add, at every start */
  static async start(env: Readonly<Record<string, string>> = {}, program: EngineProgram = {}): Promise<EngineProcess> {
    const port = await freePort();
    const storage = mkdtempSync(path.join(tmpdir(), 'orra-engine-'));
    const engine = new EngineProcess(`http://127.0.0.1:${port}`, port, storage, env, program);
    await engine.run();
    return engine;
  }

  /** Resolves when the engine accepts requests. */
  async run(): Promise<void> {
    const { program = BIN, preload } = this.node;
    const flags = ['--port', String(this.port), '--storage', this.storage];
    const child = spawn(process.execPath, [...(preload ? ['--require', preload] : []), program, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LOG_LEVEL: 'error', ...this.env },
    });
    this.child = child;
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (part: Buffer) => part.toString().includes(this.url) && resolve());
      child.once('exit', (code) => reject(new Error(`the engine exited with code ${code}: ${said}`)));
    });
  }

  async newProject(): Promise<string> {
    const { apiKey } = await createOrraClient({ url: this.url, apiKey: 'none' }).projects.register({
      name: 'conformance',
    });
    return apiKey;
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  kill(): Promise<number | null> {
    return this.end('SIGKILL');
  }

  /** Sends SIGTERM and resolves with the exit code. */
  close(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.storage, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await exited)[0];
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
