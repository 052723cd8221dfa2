/** One replica of one service: the real SDK application, started as often as it crashes, with its disk. */
import { describeThrown, silentLogger } from '@orra-ts/common';
import type { FunctionService, OrraApplication } from '@orra-ts/sdk';
import { FileJournal, createApplication } from '@orra-ts/sdk/internal';
import type { SeededRandom } from '@orra-ts/common/testing';
import { ProcessScope, type WallClock } from '../kernel/process-scope';
import type { Scheduler } from '../kernel/scheduler';
import type { Trace } from '../kernel/trace';
import { Link } from './link';
import { MemoryDisk } from './memory-disk';
import type { Network } from './network';

export interface ServiceProcessOptions {
  /** Such as `svc-a/1`. */
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly network: Network;
  /** The service, as this run of the process has it. */
  define(scope: ProcessScope): FunctionService;
}

const API_KEY = 'sk-orra-v1-simulation-key-0123456789';
const MAX_DEAD_PEER_MS = 120_000;

export class ServiceProcess {
  readonly wall: WallClock = { offsetMs: 0 };
  readonly link: Link;
  scope: ProcessScope;
  app: OrraApplication | undefined;
  isGone = false;
  /** Set by the fault `crash-sync`. */
  crashAtSync: { readonly downMs: number } | undefined;
  private readonly disk: MemoryDisk;
  private starts = 0;

  constructor(private readonly options: ServiceProcessOptions) {
    const { name, scheduler, random, trace } = options;
    this.scope = new ProcessScope(name, scheduler, this.wall);
    this.link = new Link(name, scheduler, random.fork('link'), trace);
    this.disk = new MemoryDisk(random.fork('disk'), { beforeSync: () => this.beforeSync() });
  }

  get name(): string {
    return this.options.name;
  }

  /** Bodies of the outcomes of a key that its disk has. */
  storedOutcomes(key: string): string[] {
    return this.disk.syncedLines(`"${key}"`).flatMap((line) => {
      const [kind, , , ...members] = readLine(line);
      const outcome = kind === 's' ? members[0] : kind === 'c' ? members[2] : undefined;
      return outcome ? [(outcome as { readonly body: string }).body] : [];
    });
  }

  start(): void {
    const { name, scheduler, random, trace, network } = this.options;
    const scope = (this.scope = new ProcessScope(name, scheduler, this.wall));
    const ids = random.fork(`ids ${++this.starts}`);
    trace.add(name, 'starts', `(${this.starts})`);
    const app = createApplication(
      {
        services: [this.options.define(scope)],
        engine: { url: 'http://engine', apiKey: API_KEY },
        transport: network.transportFrom(scope, this.link),
        clock: scope.clock,
        random: ids.next,
        journal: new FileJournal({ directory: name, files: this.disk.filesOf(scope), clock: scope.clock }),
        identity: { load: async () => undefined, save: async () => undefined },
        logger: silentLogger,
      },
      { connect: network.connectFrom(scope, this.link), randomBytes: ids.bytes },
    );
    this.app = app;
    app.start().catch((error: unknown) => trace.add(name, 'does not start', describeThrown(error)));
  }

  /** @param downMs until it starts again; undefined: never */
  crash(power: boolean, downMs: number | undefined): void {
    const { name, scheduler, random, trace, network } = this.options;
    if (!this.scope.alive) return;
    trace.add(name, power ? 'loses power' : 'crashes');
    this.scope.kill();
    this.app = undefined;
    if (power) this.disk.losePower();
    network.lost(name, power ? random.int(0, MAX_DEAD_PEER_MS) : 0);
    if (downMs === undefined) this.isGone = true;
    else scheduler.schedule(downMs, () => this.start());
  }

  private beforeSync(): boolean {
    if (!this.crashAtSync) return this.scope.alive;
    const { downMs } = this.crashAtSync;
    this.crashAtSync = undefined;
    this.crash(true, downMs);
    return false;
  }
}

/** The last line of a process that was killed can be incomplete. */
function readLine(line: string): readonly unknown[] {
  try {
    return JSON.parse(line) as readonly unknown[];
  } catch {
    return [];
  }
}
