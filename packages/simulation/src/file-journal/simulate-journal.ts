/** One random run of the SDK's file journal on a faulty disk, compared with a model after each restart. */
import { describeThrown } from '@orra-ts/common';
import { FileJournal } from '@orra-ts/sdk/internal';
import { Random } from '../kernel/random';
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

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function simulateJournal(seed: number): Promise<JournalRun> {
  const run = new Run(new Random(`journal ${seed}`));
  await run.start();
  for (let n = 0; n < OPERATIONS && run.problems.length === 0; n++) await run.operate();
  if (run.problems.length === 0) await run.restart();
  return run;
}

class Run implements JournalRun {
  readonly problems: string[] = [];
  readonly trace: string[] = [];
  private readonly disk: FaultyDisk;
  private readonly model = new JournalModel();
  private journal: FileJournal | undefined;
  private nowMs = Date.UTC(2026, 0, 1);
  private keys = 0;
  private outcomes = 0;
  /** Keys that run, each at its attempt, and those with an outcome. */
  private readonly running = new Map<string, number>();
  private readonly settled = new Map<string, number>();

  constructor(private readonly random: Random) {
    const shares = {
      failedWrite: random.chance(0.4) ? 0.05 : 0,
      failedSync: random.chance(0.4) ? 0.1 : 0,
      failedCreate: random.chance(0.2) ? 0.1 : 0,
    };
    const log = (text: string): void => void this.trace.push(`disk     ${text}`);
    this.disk = new FaultyDisk(random.fork('disk'), shares, () => this.nowMs, log);
  }

  /** Opens the journal, as often as it takes. */
  async start(): Promise<void> {
    for (;;) {
      const journal = new FileJournal({
        directory: 'journal',
        files: this.disk.restart(),
        maxBytes: MEMORY_BYTES,
        segmentBytes: SEGMENT_BYTES,
        now: () => this.nowMs,
      });
      try {
        await journal.open();
        this.journal = journal;
        return;
      } catch (error) {
        this.trace.push(`journal  does not open: ${describeThrown(error)}`);
      }
    }
  }

  async operate(): Promise<void> {
    const { random } = this;
    this.nowMs += random.int(0, 1_000);
    const draw = random.next();
    if (draw < 0.3) this.begin();
    else if (draw < 0.55) this.settle();
    else if (draw < 0.65) this.acknowledge();
    else if (draw < 0.9) this.disk.completeSync();
    else if (draw < 0.96) await this.turns();
    else await this.restart();
  }

  /** The process or the machine ends, and the next one must know what was safe. */
  async restart(): Promise<void> {
    await this.turns();
    const power = this.random.chance(0.6);
    this.trace.push(`process  ${power ? 'loses power' : 'is killed'}`);
    this.disk.crash(power);
    if (this.random.chance(0.1)) {
      this.trace.push('clock    is set back by an hour');
      this.nowMs -= 3_600_000;
    }
    await this.start();
    this.running.clear();
    this.settled.clear();
    const service = this.journal?.service(SERVICE);
    for (const key of this.model.all) {
      const problem = this.model.problem(key, service?.find(key));
      if (problem !== undefined) this.problem(`${key}: ${problem}`);
    }
    const resent = new Set([...(service?.unacknowledged() ?? [])].map(([key]) => key));
    for (const key of this.model.unacknowledged()) {
      if (!resent.has(key)) this.problem(`${key}: its outcome is not sent again`);
    }
  }

  private begin(): void {
    const { random } = this;
    // Sometimes the next attempt of a key whose last attempt failed.
    const isNext = this.settled.size > 0 && random.chance(0.2);
    const [key, attempts] = isNext ? random.pick([...this.settled]) : [`k${++this.keys}`, 0];
    this.trace.push(`journal  begins ${key}, attempt ${attempts + 1}`);
    this.model.begin(key);
    this.settled.delete(key);
    this.running.set(key, attempts + 1);
    this.ignore(this.journal?.service(SERVICE).begin(key, attempts + 1));
  }

  private settle(): void {
    if (this.running.size === 0) return;
    const [key, attempt] = this.random.pick([...this.running]);
    const body = `"result":{"task":"${++this.outcomes} ${'x'.repeat(this.random.int(0, 120))}"}`;
    this.trace.push(`journal  settles ${key} with outcome ${this.outcomes}`);
    this.running.delete(key);
    this.settled.set(key, attempt);
    const safe = this.model.settle(key, body);
    const outcome = {
      type: 'task_result',
      final: false,
      taskId: 't1',
      executionId: `e_${this.outcomes}`,
      body,
    } as const;
    this.ignore(
      this.journal
        ?.service(SERVICE)
        .settle(key, outcome)
        .then(() => {
          this.trace.push(`journal  has stored ${key}`);
          safe();
        }),
    );
  }

  private acknowledge(): void {
    if (this.settled.size === 0) return;
    const [key] = this.random.pick([...this.settled]);
    this.trace.push(`journal  acknowledges ${key}`);
    this.settled.delete(key);
    this.model.acknowledge(key);
    this.journal?.service(SERVICE).acknowledge(key);
  }

  private async turns(): Promise<void> {
    await turn();
    await turn();
  }

  /** A rejection is allowed: then nothing is promised. */
  private ignore(promise: Promise<void> | undefined): void {
    promise?.catch((error: unknown) => this.trace.push(`journal  reports: ${describeThrown(error)}`));
  }

  private problem(text: string): void {
    this.trace.push(`model    ${text}`);
    this.problems.push(text);
  }
}
