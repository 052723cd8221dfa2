/** The processes of a kill run: one engine, and for each replica one process with `stock` and `ship`, and one with `card`. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EngineOptions } from '@orra-ts/engine';
import { EngineProcess } from '../engine-process';

/** Short enough that many kills fit into a test, and long enough that a restarted process connects in time. */
const TIMINGS: EngineOptions['timings'] = {
  taskTimeoutMs: 3_000,
  taskMaxAttempts: 4,
  taskRetryBaseMs: 50,
  taskRetryCapMs: 200,
  compensationTimeoutMs: 3_000,
  compensationRetryBaseMs: 50,
  compensationRetryCapMs: 200,
  compensationHoldMs: 2_000,
  disconnectGraceMs: 200,
  doubtMs: 500,
  claimWaitMs: 1_000,
};
const GROUPS = [['stock', 'ship'], ['card']];
const PRELOAD = path.join(__dirname, 'jumping-clock.cjs');

/** The wall clock of one machine: its processes see it jump, and it stays moved when they start again. */
class WallClock {
  private offsetMs = 0;

  constructor(readonly file: string) {
    this.write();
  }

  get env(): Readonly<Record<string, string>> {
    return { WALL_CLOCK_FILE: this.file };
  }

  move(byMs: number): void {
    this.offsetMs += byMs;
    this.write();
  }

  private write(): void {
    writeFileSync(`${this.file}.new`, String(this.offsetMs));
    renameSync(`${this.file}.new`, this.file);
  }
}

export interface Victim {
  kill(): Promise<unknown>;
  run(): Promise<void>;
  /** Moves the wall clock of its machine. */
  jump(byMs: number): void;
}

export interface RestState {
  readonly running: number;
  readonly pending: number;
}

class ServiceProcess implements Victim {
  private child: ChildProcess | undefined;
  private isReady = false;

  constructor(
    private readonly options: { readonly dataDir: string },
    private readonly clock: WallClock,
  ) {}

  /** Resolves when its services are connected. If it is killed before, it resolves too. */
  async run(): Promise<void> {
    const script = path.join(__dirname, 'shop-child.cjs');
    const child = fork(script, [JSON.stringify(this.options)], {
      execArgv: ['--require', PRELOAD],
      env: { ...process.env, ...this.clock.env },
    });
    this.child = child;
    child.once('message', () => (this.isReady = true));
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.isReady = false;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  jump(byMs: number): void {
    this.clock.move(byMs);
    // Before that the signal would end it, and it reads the file when it starts.
    if (this.isReady) this.child?.kill('SIGUSR2');
  }

  async rest(): Promise<RestState> {
    const { child } = this;
    if (!child?.connected) throw new Error('the service process has ended');
    const response = once(child, 'message') as Promise<[RestState]>;
    child.send('at rest?');
    return (await response)[0];
  }
}

export class Processes {
  private constructor(
    readonly engine: Victim & { readonly url: string },
    readonly services: readonly ServiceProcess[],
    readonly apiKey: string,
    private readonly folder: string,
    private readonly removeEngine: () => Promise<void>,
  ) {}

  static async start(bankUrl: string, replicas: number): Promise<Processes> {
    const folder = mkdtempSync(path.join(tmpdir(), 'orra-kill-'));
    const clock = new WallClock(path.join(folder, 'engine-clock'));
    const engine = await EngineProcess.start(
      { ENGINE_TIMINGS: JSON.stringify(TIMINGS), ...clock.env },
      { program: path.join(__dirname, 'engine-child.cjs'), preload: PRELOAD },
    );
    const apiKey = await engine.newProject();
    const services = Array.from({ length: replicas }, (_, replica) =>
      GROUPS.map((names) => ({ replica, names })),
    ).flat();
    const processes = services.map(({ replica, names }) => {
      const dataDir = path.join(folder, `${names.join('-')}-${replica}`);
      const options = { url: engine.url, apiKey, dataDir, bank: bankUrl, services: names };
      return new ServiceProcess(options, new WallClock(`${dataDir}-clock`));
    });
    const all = new Processes(
      {
        url: engine.url,
        kill: () => engine.kill(),
        run: () => engine.run(),
        jump: (byMs) => {
          clock.move(byMs);
          engine.signal('SIGUSR2');
        },
      },
      processes,
      apiKey,
      folder,
      () => engine.remove(),
    );
    await Promise.all(processes.map((service) => service.run()));
    return all;
  }

  async close(): Promise<void> {
    await Promise.all(this.services.map((service) => service.kill()));
    await this.removeEngine();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
