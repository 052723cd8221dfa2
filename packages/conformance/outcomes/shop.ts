/**
 * The services of a shop on an engine whose clock the test moves, over real sockets. `stock` does its work at once, `pay`
 * and `mail` when the test says so. `mail` is not revertible.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createOrraClient, type OrchestrationHandle, type OrraClient } from '@orra-ts/client';
import { silentLogger } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import { createEngine, type Engine, type EngineOptions } from '@orra-ts/engine';
import type { CompensationFailureView } from '@orra-ts/protocol';
import { Arrivals } from './controlled-runs';
import { CuttableProxy } from './cuttable-proxy';
import {
  Replica,
  type ReplicaHost,
  type ReplicaRevert,
  type ReplicaRun,
  type ServiceName,
  type ServiceOptions,
} from './replica';

export interface ShopOptions extends ServiceOptions {
  /** The services of each replica. @default one replica with all services */
  readonly replicas?: readonly (readonly ServiceName[])[];
  readonly timings?: EngineOptions['timings'];
  readonly model?: EngineOptions['model'];
  /** @default true; otherwise the test ends the reverts of `pay` */
  readonly revertsAtOnce?: boolean;
}

const DAY_MS = 86_400_000;
/** The clock of the engine jumps; connections must not time out then. */
const PINGS = { pingIntervalMs: 2 * DAY_MS, pongWaitMs: 4 * DAY_MS };
const open: Shop[] = [];

/** For `afterEach`. */
export async function closeShops(): Promise<void> {
  for (const shop of open.splice(0)) await shop.close();
}

export class Shop implements ReplicaHost {
  readonly runs = new Arrivals<ReplicaRun>();
  readonly reverts = new Arrivals<ReplicaRevert>();
  readonly undone: string[] = [];
  readonly replicas: Replica[] = [];
  readonly revertsAtOnce: boolean;

  private constructor(
    private engine: Engine,
    readonly clock: ManualClock,
    readonly orra: OrraClient,
    readonly apiKey: string,
    private readonly folder: string,
    private readonly options: ShopOptions,
  ) {
    this.revertsAtOnce = options.revertsAtOnce ?? true;
  }

  static async open(options: ShopOptions = {}): Promise<Shop> {
    const folder = mkdtempSync(path.join(tmpdir(), 'orra-shop-'));
    const clock = new ManualClock();
    const engine = await startEngine(folder, clock, options);
    const { apiKey } = await engine.createProject({ name: 'shop' });
    const shop = new Shop(engine, clock, createOrraClient({ url: engine.url, apiKey }), apiKey, folder, options);
    open.push(shop);
    for (const names of options.replicas ?? [['stock', 'pay', 'mail']]) {
      const replica = new Replica(shop, await CuttableProxy.open(engine.port), {
        ...options,
        names,
        apiKey,
        folder: path.join(folder, String(shop.replicas.length)),
      });
      shop.replicas.push(replica);
      await replica.start();
    }
    return shop;
  }

  get url(): string {
    return this.engine.url;
  }

  /** One task after the other; each uses the output of the one before it. */
  submit(...services: string[]): Promise<OrchestrationHandle> {
    const tasks = services.map((service, index) => ({
      id: service,
      service,
      input: { message: `$${services[index - 1] ?? 'task0'}.message` },
    }));
    return this.orra.action('Order').with({ message: 'order' }).plan({ tasks }).submit();
  }

  /** `task kind resolution` of each record. */
  async list(): Promise<string[]> {
    return (await this.records()).map(
      ({ taskId, status, resolutionState }) => `${taskId} ${status} ${resolutionState}`,
    );
  }

  records(): Promise<readonly CompensationFailureView[]> {
    return this.orra.compensationFailures.list();
  }

  /** Resolves with the only record, when there is one. */
  async record(): Promise<CompensationFailureView> {
    let records: readonly CompensationFailureView[] = [];
    await this.until(async () => {
      records = await this.records();
      return records.length > 0;
    });
    const [record] = records;
    if (!record || records.length > 1) throw new Error(`there are ${records.length} records`);
    return record;
  }

  async connections(): Promise<number> {
    return (await this.orra.services.list()).reduce((sum, { connections }) => sum + connections, 0);
  }

  /** Resolves when the compensation of a task has this status. */
  reverted(order: OrchestrationHandle, taskId: string, status = 'completed'): Promise<void> {
    return this.until(async () => {
      const { tasks = [] } = await order.inspect();
      return tasks.find(({ id }) => id === taskId)?.compensation?.status === status;
    });
  }

  async until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await delay(2);
  }

  /** The next engine on the same port and storage. Its clock continues. */
  async restartEngine(): Promise<void> {
    const { port } = this.engine;
    await this.engine.close();
    this.engine = await startEngine(this.folder, this.clock, this.options, port);
  }

  async close(): Promise<void> {
    for (const replica of this.replicas) await replica.close();
    await this.engine.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function startEngine(folder: string, clock: ManualClock, { timings, model }: ShopOptions, port = 0): Promise<Engine> {
  const storage = path.join(folder, 'engine');
  return createEngine({ port, storage, clock, model, logger: silentLogger, timings: { ...PINGS, ...timings } });
}
