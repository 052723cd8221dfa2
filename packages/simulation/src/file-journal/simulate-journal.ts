/** One random run of the SDK's file journal on a faulty disk, compared with a model after each restart. */
import { describeThrown } from '@orra-ts/common';
import { ManualClock, SeededRandom } from '@orra-ts/common/testing';
import { FileJournal } from '@orra-ts/sdk/internal';
import { FaultyDisk } from './faulty-disk';
import { JournalModel } from './journal-model';

export interface JournalRun {
  readonly problems: readonly string[];
  readonly trace: readonly string[];
}

const OPERATIONS = 120;
const SERVICE = 'svc';
/** Small, so that segments follow each other and old ones are removed. */
const SEGMENT_BYTES = 2_048;
const MEMORY_BYTES = 4_096;
/** Longer than the longest back-off of the journal. */
const RETRY_MS = 40_000;
const HOUR_MS = 3_600_000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function simulateJournal(seed: number): Promise<JournalRun> {
  const run = new Run(new SeededRandom(`journal ${seed}`));
  await run.start();
  for (let n = 0; n < OPERATIONS && run.problems.length === 0; n++) await run.operate();
  if (run.problems.length === 0) await run.restart();
  return run;
}

interface Faults {
  readonly failedWrite: number;
  readonly failedSync: number;
  readonly failedCreate: number;
  readonly full: number;
  readonly damage: number;
}

class Run implements JournalRun {
  readonly problems: string[] = [];
  readonly trace: string[] = [];
  private readonly disk: FaultyDisk;
  private readonly faults: Faults;
  private readonly model = new JournalModel();
  private journal: FileJournal | undefined;
  /** That of this process, so that the timers of the last one do not fire. */
  private clock = new ManualClock();
  private keys = 0;
  private outcomes = 0;
  /** Keys that run, each at its attempt, and those with an outcome. */
  private readonly running = new Map<string, number>();
  private readonly settled = new Map<string, number>();

  constructor(private readonly random: SeededRandom) {
    this.faults = {
      failedWrite: random.chance(0.4) ? 0.05 : 0,
      failedSync: random.chance(0.4) ? 0.1 : 0,
      failedCreate: random.chance(0.2) ? 0.1 : 0,
      full: random.chance(0.3) ? 0.03 : 0,
      damage: random.chance(0.2) ? 0.5 : 0,
    };
    const log = (text: string): void => void this.trace.push(`disk     ${text}`);
    this.disk = new FaultyDisk(random.fork('disk'), this.faults, () => this.clock.now(), log);
  }

  async start(): Promise<void> {
    const { disk, clock } = this;
    this.journal = new FileJournal({
      directory: 'journal',
      files: disk.restart(),
      maxBytes: MEMORY_BYTES,
      segmentBytes: SEGMENT_BYTES,
      clock,
    });
    await this.journal.open();
  }

  async operate(): Promise<void> {
    const { random } = this;
    this.clock.jumpWallClock(random.int(0, 1_000));
    const draw = random.next();
    if (draw < 0.3) this.begin();
    else if (draw < 0.52) this.settle();
    else if (draw < 0.62) this.acknowledge();
    else if (draw < 0.65) this.fence();
    else if (draw < 0.88) this.disk.completeSync();
    else if (draw < 0.92) await this.turns();
    else if (draw < 0.96) await this.clock.advance(random.int(0, RETRY_MS));
    else await this.restart();
    if (random.chance(this.faults.full)) this.disk.fill(random.chance(0.5));
  }

  /** The process or the machine ends, and the next one must know what was safe. */
  async restart(): Promise<void> {
    const { random } = this;
    await this.turns();
    if (random.chance(0.3)) await this.recover();
    const power = random.chance(0.6);
    this.trace.push(`process  ${power ? 'loses power' : 'is killed'}`);
    this.disk.crash(power);
    this.model.crash(power, this.clock.now());
    this.disk.fill(false);
    const isDamaged = random.chance(this.faults.damage) && this.damage();
    this.pause();
    await this.start();
    this.running.clear();
    this.settled.clear();
    this.check(isDamaged);
  }

  /** Whatever the disk refused before, it gets when it works. */
  private async recover(): Promise<void> {
    this.disk.fill(false);
    for (let tries = 0; this.journal?.health().failure; tries++) {
      // Faults are random, and the back-off is at most half a minute.
      if (tries === 100) return this.problem('the journal does not recover');
      await this.clock.advance(RETRY_MS);
      while (this.disk.completeSync());
      await this.turns();
    }
    this.model.recovered();
  }

  private damage(): boolean {
    const text = this.disk.damage();
    if (text === undefined) return false;
    this.model.damage(new Set(text.match(/k\d+/g)));
    return true;
  }

  /** Until the next process starts: no time, hours or days; sometimes the wall clock is set back. */
  private pause(): void {
    const { random } = this;
    let ms = random.chance(0.2) ? random.int(0, 10 * 24) * HOUR_MS : 0;
    if (random.chance(0.1)) ms -= HOUR_MS;
    if (ms !== 0) this.trace.push(`clock    is ${ms / HOUR_MS} hours later`);
    this.clock = new ManualClock(this.clock.now() + ms);
  }

  private check(isDamaged: boolean): void {
    const { journal, model, clock } = this;
    model.expire(clock.now());
    const service = journal?.service(SERVICE);
    for (const key of model.all) {
      const problem = model.problem(key, service?.find(key), clock.now());
      if (problem !== undefined) this.problem(`${key}: ${problem}`);
    }
    const resent = new Set([...(service?.unacknowledged() ?? [])].map(([key]) => key));
    for (const key of model.unacknowledged()) {
      if (!resent.has(key)) this.problem(`${key}: its outcome is not sent again`);
    }
    const reported = journal?.health().damagedParts ?? 0;
    if (isDamaged && reported === 0) this.problem('the damage is not reported');
    // A failed sync leaves zeros in the middle.
    if (this.faults.damage === 0 && this.faults.failedSync === 0 && reported > 0)
      this.problem('damage is reported, but there is none');
  }

  private begin(): void {
    const { random } = this;
    // Sometimes the next attempt of a key whose last attempt failed.
    const isNext = this.settled.size > 0 && random.chance(0.2);
    const [key, attempts] = isNext ? random.pick([...this.settled]) : [`k${++this.keys}`, 0];
    this.trace.push(`journal  begins ${key}, attempt ${attempts + 1}`);
    const begun = this.model.begin(key, this.clock.now());
    this.settled.delete(key);
    this.running.set(key, attempts + 1);
    this.journal
      ?.service(SERVICE)
      .begin(key, attempts + 1)
      .then(begun, this.refused);
  }

  private settle(): void {
    if (this.running.size === 0) return;
    const [key, attempt] = this.random.pick([...this.running]);
    const body = `"result":{"task":"${++this.outcomes} ${'x'.repeat(this.random.int(0, 120))}"}`;
    this.trace.push(`journal  settles ${key} with outcome ${this.outcomes}`);
    this.running.delete(key);
    this.settled.set(key, attempt);
    const outcome = {
      type: 'task_result',
      final: false,
      taskId: 't1',
      executionId: `e_${this.outcomes}`,
      body,
    } as const;
    this.store(key, this.model.settle(key, body), this.journal?.service(SERVICE).settle(key, outcome));
  }

  private fence(): void {
    if (this.running.size === 0) return;
    const [key] = this.random.pick([...this.running]);
    this.trace.push(`journal  fences ${key}`);
    const safe = this.model.fence(key, this.clock.now());
    this.store(key, safe, this.journal?.service(SERVICE).fence(key, 'interrupted'));
  }

  private acknowledge(): void {
    if (this.settled.size === 0) return;
    const [key] = this.random.pick([...this.settled]);
    this.trace.push(`journal  acknowledges ${key}`);
    this.settled.delete(key);
    this.model.acknowledge(key);
    this.journal?.service(SERVICE).acknowledge(key);
  }

  private store(key: string, safe: () => void, stored: Promise<void> | undefined): void {
    stored?.then(
      () => {
        this.trace.push(`journal  has stored ${key}`);
        safe();
      },
      (error: unknown) => {
        this.refused(error);
        this.model.rejected(safe);
      },
    );
  }

  private async turns(): Promise<void> {
    await turn();
    await turn();
  }

  /** Nothing is promised, as long as the journal reports a failure. */
  private readonly refused = (error: unknown): void =>
    void this.trace.push(`journal  reports: ${describeThrown(error)}`);

  private problem(text: string): void {
    this.trace.push(`model    ${text}`);
    this.problems.push(text);
  }
}
