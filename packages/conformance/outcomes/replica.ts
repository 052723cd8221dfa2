/** One process of the services `stock`, `pay` and `mail`: an application behind a connection that a test can cut. */
import path from 'node:path';
import { silentLogger } from '@orra-ts/common';
import {
  OrraFactory,
  defineService,
  jsonSchema,
  type CompensationResult,
  type FunctionService,
  type OrraApplication,
  type Task,
} from '@orra-ts/sdk';
import { HandlerRun, RevertRun, type Arrivals, type Message, type Source } from './controlled-runs';
import type { CuttableProxy } from './cuttable-proxy';

export type ServiceName = 'stock' | 'pay' | 'mail';

export interface ServiceOptions {
  readonly also?: readonly ('failed' | 'unknown')[];
  readonly onCrash?: 'fail';
  readonly concurrency?: number;
  readonly revertibleFor?: number;
  /** @default true, except for `mail` */
  readonly revertible?: boolean;
}

export interface ReplicaOptions extends ServiceOptions {
  readonly names: readonly ServiceName[];
  readonly apiKey: string;
  readonly folder: string;
}

const schema = jsonSchema<Message>({ type: 'object', properties: { message: { type: 'string' } } });

/** What the replicas of a shop report to. */
export interface ReplicaHost {
  /** Runs of the handlers of `pay` and `mail`. */
  readonly runs: Arrivals<ReplicaRun>;
  /** Runs of the revert handler of `pay`, without `revertsAtOnce`. */
  readonly reverts: Arrivals<ReplicaRevert>;
  /** Each revert that has run: `service output`, or `service failed` and `service unknown` without an output. */
  readonly undone: string[];
  readonly revertsAtOnce: boolean;
  /** Open connections of all services. */
  connections(): Promise<number>;
  until(isSo: () => Promise<boolean>): Promise<void>;
}

export class ReplicaRun extends HandlerRun {
  constructor(
    task: Task<Message>,
    readonly replica: Replica,
  ) {
    super(task);
  }
}

export class ReplicaRevert extends RevertRun {
  constructor(
    source: Source,
    readonly replica: Replica,
  ) {
    super(source);
  }
}

export class Replica {
  private app: OrraApplication | undefined;
  private isCut = false;

  constructor(
    private readonly shop: ReplicaHost,
    private readonly proxy: CuttableProxy,
    private readonly options: ReplicaOptions,
  ) {}

  async start(changes: ServiceOptions = {}): Promise<void> {
    const { names, apiKey, folder } = this.options;
    const app = await OrraFactory.create({
      services: names.map((name) => this.define(name, { ...this.options, ...changes })),
      engine: { url: this.proxy.url, apiKey },
      dataDir: path.join(folder, 'app'),
      logger: silentLogger,
      connection: { reconnectBase: '5ms', reconnectCap: '20ms' },
      maxMessageBytes: 100_000,
    });
    this.app = app;
    await app.start();
  }

  /** All services connect first, so that none is in the middle of a reconnect. Resolves when the engine has noticed the cut. */
  async cut(): Promise<void> {
    if (this.isCut) return;
    await this.shop.until(() => Promise.resolve(this.isConnected));
    this.isCut = true;
    const before = await this.shop.connections();
    this.proxy.cut();
    await this.shop.until(async () => (await this.shop.connections()) === before - this.options.names.length);
  }

  restore(): void {
    this.isCut = false;
    this.proxy.restore();
  }

  /** Ends the process while handlers run; its files stay. */
  async crash(): Promise<void> {
    await this.app?.close({ grace: 0 });
  }

  /** Ends a run, and resolves when the engine has acknowledged its outcome, which is sent after a reconnect. */
  async deliver(end: () => void): Promise<void> {
    await this.cut();
    end();
    await this.shop.until(() => Promise.resolve(this.app?.health().outbox.pending !== 0));
    this.restore();
    await this.shop.until(() => Promise.resolve(this.app?.health().outbox.pending === 0));
  }

  async close(): Promise<void> {
    await this.crash();
    await this.proxy.close();
  }

  private get isConnected(): boolean {
    return this.app?.health().services.every(({ state }) => state === 'connected') ?? false;
  }

  private define(name: ServiceName, options: ServiceOptions): FunctionService {
    const { also, onCrash, concurrency, revertibleFor, revertible = name !== 'mail' } = options;
    const revert = (source: Source) => this.revert(name, source);
    return defineService(
      {
        name,
        description: `Does ${name}`,
        input: schema,
        output: schema,
        onCrash,
        concurrency,
        ...(revertible && { revert, revertibleFor, also: name === 'pay' ? also : [] }),
      },
      (task: Task<Message>) => this.handle(name, task),
    );
  }

  private handle(name: ServiceName, task: Task<Message>): Message | Promise<Message> {
    if (name === 'stock') return { message: 'held' };
    const run = new ReplicaRun(task, this);
    this.shop.runs.add(run);
    return run.result();
  }

  private async revert(name: ServiceName, source: Source): Promise<CompensationResult | undefined> {
    const what = `${name} ${source.outcome === 'completed' ? source.output?.message : source.outcome}`;
    if (name === 'stock' || this.shop.revertsAtOnce) {
      this.shop.undone.push(what);
      return undefined;
    }
    const run = new ReplicaRevert(source, this);
    this.shop.reverts.add(run);
    const result = await run.result();
    this.shop.undone.push(what);
    return result;
  }
}
