/** One run: orders are submitted all the time, processes are killed at random moments, and at rest the ledger is judged. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createOrraClient, type OrraClient } from '@orra-ts/client';
import { SeededRandom } from '@orra-ts/common/testing';
import { Bank } from './bank';
import { judge, type Verdict } from './judge';
import { Processes, type Victim } from './processes';

export interface KillOptions {
  readonly seed: number;
  readonly kills: number;
  readonly victims: 'engine' | 'services' | 'both';
  readonly replicas: number;
  readonly clockJumps: boolean;
}

const SUBMITTERS = 4;
const HOUR_MS = 3_600_000;
const JUMPS_MS = [HOUR_MS, -HOUR_MS, 25 * HOUR_MS, -25 * HOUR_MS];
const FATES = ['complete', 'complete', 'complete', 'abort', 'fail', 'slow', 'cancel', 'bad-output'];
const MAX_REST_MS = 60_000;

const from = (task: string) => ({
  order: `$${task}.order`,
  fate: `$${task}.fate`,
  beforeMs: `$${task}.beforeMs`,
  afterMs: `$${task}.afterMs`,
});
/** Each task uses the output of the one before it. */
const PLAN = {
  tasks: [
    { id: 'stock', service: 'stock', input: from('task0') },
    { id: 'card', service: 'card', input: { ...from('task0'), uses: '$stock.charge' } },
    { id: 'ship', service: 'ship', input: { ...from('task0'), uses: '$card.charge' } },
  ],
};

export async function killRun(options: KillOptions): Promise<Verdict> {
  const bank = await Bank.open();
  try {
    const processes = await Processes.start(bank.url, options.replicas);
    try {
      return await new KillRun(options, bank, processes).run();
    } finally {
      await processes.close();
    }
  } finally {
    await bank.close();
  }
}

class KillRun {
  private readonly random: SeededRandom;
  private readonly orra: OrraClient;
  private readonly accepted: string[] = [];
  private submitted = 0;
  private isOver = false;
  private readonly starting: Promise<void>[] = [];

  constructor(
    private readonly options: KillOptions,
    private readonly bank: Bank,
    private readonly processes: Processes,
  ) {
    this.random = new SeededRandom(`kills ${options.seed}`);
    this.orra = createOrraClient({ url: processes.engine.url, apiKey: processes.apiKey });
  }

  async run(): Promise<Verdict> {
    const submitters = Array.from({ length: SUBMITTERS }, () => this.submitOrders());
    for (let kill = 0; kill < this.options.kills; kill++) await this.kill();
    this.isOver = true;
    await Promise.all(this.starting);
    await Promise.all(submitters);
    await this.rest();
    const { bank, orra, accepted, options } = this;
    return judge({ bank, orra, accepted, clockJumps: options.clockJumps });
  }

  /** The moment is between two requests to the bank, often before the response to one. */
  private async kill(): Promise<void> {
    const { random } = this;
    for (let requests = random.int(1, 8); requests > 0; requests--) await once(this.bank, 'request');
    await delay(random.int(0, 3) * 15);
    if (this.options.clockJumps) this.jump();
    const victims = this.victims();
    await Promise.all(victims.map((victim) => victim.kill()));
    await delay(random.int(0, 3) * 60);
    const started = victims.map((victim) => victim.run());
    this.starting.push(...started);
    // A service can be killed again before it is connected.
    if (victims.includes(this.processes.engine)) await started[victims.indexOf(this.processes.engine)];
  }

  private victims(): Victim[] {
    const { engine, services } = this.processes;
    const { random, options } = this;
    if (options.victims === 'engine') return [engine];
    const service = random.pick(services);
    if (options.victims === 'services') return random.int(0, 2) === 0 ? [...services] : [service];
    return random.pick([[engine], [service], [engine, service], [engine, ...services]]);
  }

  private jump(): void {
    const { engine, services } = this.processes;
    this.random.pick<Victim>([engine, engine, ...services]).jump(this.random.pick(JUMPS_MS));
  }

  private async submitOrders(): Promise<void> {
    while (!this.isOver) {
      const order = `order-${++this.submitted}`;
      const fate = this.random.pick(FATES);
      const data = { order, fate, beforeMs: this.random.int(0, 120), afterMs: this.random.int(0, 60) };
      const cancelAfterMs = this.random.int(0, 400);
      try {
        const handle = await this.orra.action('Order').with(data).plan(PLAN).submit();
        this.accepted.push(handle.id);
        if (fate === 'cancel') {
          await delay(cancelAfterMs);
          await handle.cancel();
        }
        await handle.result({ timeout: '60s' });
      } catch {
        // The engine was killed during a request. What it accepted is judged with the rest.
        await delay(20);
      }
    }
  }

  /** Nothing runs, nothing is sent again, every orchestration is settled, and a further look finds nothing new. */
  private async rest(): Promise<void> {
    const until = performance.now() + MAX_REST_MS;
    for (let previous = -1; previous !== this.bank.size || !(await this.isQuiet());) {
      if (performance.now() > until) throw new Error(`the run with seed ${this.options.seed} does not come to rest`);
      previous = this.bank.size;
      for (const { id } of Object.values(await this.orra.orchestrations.list()).flat()) {
        await this.orra.orchestrations.settled(id, { timeout: '60s' });
      }
    }
  }

  private async isQuiet(): Promise<boolean> {
    const states = await Promise.all(this.processes.services.map((service) => service.rest()));
    return states.every(({ running, pending }) => running === 0 && pending === 0);
  }
}
