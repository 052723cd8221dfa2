/** What the services of a world do: each handler charges a bank, and each revert handler refunds the charge. */
import {
  CompensationResult,
  NonRetryableError,
  defineService,
  jsonSchema,
  type FunctionService,
  type RevertSource,
  type Task,
} from '@orra-ts/sdk';
import type { SeededRandom } from '@orra-ts/common/testing';
import type { ProcessScope } from '../kernel/process-scope';
import type { Behaviour, ServiceSpec } from '../spec/world-spec';
import type { Bank } from './bank';
import { MAX_MESSAGE_BYTES } from './engine-process';

/** Which run of a handler or revert handler this is, for the judge. */
export interface HandlerRun {
  readonly scope: ProcessScope;
  readonly kind: 'handler' | 'revert';
  readonly order: string;
  readonly task: string;
  readonly key: string;
  /** The key of its task; of a handler its own. */
  readonly taskKey: string;
  /** A handler: it may not be the first under its key. */
  readonly interrupted: boolean;
  /** A revert without an output. */
  readonly withoutOutput: boolean;
}

export interface ShopOptions {
  readonly bank: Bank;
  readonly random: SeededRandom;
  readonly started: (run: HandlerRun) => void;
  readonly ended: (run: HandlerRun) => void;
  /** The revert handler of a task did not undo it, and said so. */
  readonly notUndone: (order: string, task: string, how: 'failed' | 'partial' | 'thrown') => void;
}

interface Input {
  /** Order, task and the outputs that it uses. */
  readonly order: string;
  readonly task: string;
}

interface Output {
  readonly charge: string;
  readonly note?: string;
}

type Source = RevertSource<Input, Output | undefined>;

const INPUT = jsonSchema<Input>({
  type: 'object',
  properties: {
    order: { type: 'string' },
    task: { type: 'string' },
    first: { type: 'string' },
    second: { type: 'string' },
  },
  required: ['order', 'task'],
});
const OUTPUT = jsonSchema<Output>({
  type: 'object',
  properties: { charge: { type: 'string', minLength: 2 }, note: { type: 'string' } },
  required: ['charge'],
});

export class Shop {
  private readonly runs = new Map<string, number>();

  constructor(private readonly options: ShopOptions) {}

  define(service: ServiceSpec, scope: ProcessScope): FunctionService {
    const { name, bank, revertible, revertibleForMs, also, concurrency } = service;
    return defineService(
      {
        name,
        description: `Charges the ${bank} bank`,
        input: INPUT,
        output: OUTPUT,
        onCrash: bank === 'plain' ? 'fail' : 'rerun',
        ...(concurrency !== undefined && { concurrency }),
        ...(revertible && {
          revertibleFor: revertibleForMs,
          also,
          revert: (source: Source) => this.undo(service, scope, source),
        }),
      },
      (task) => {
        const { idempotencyKey: key, interrupted } = task;
        const about = { key, taskKey: key, interrupted, withoutOutput: false };
        const run = { scope, kind: 'handler', ...named(task.input), ...about } as const;
        return this.observe(run, () => this.handle(service, scope, task));
      },
    );
  }

  private undo(service: ServiceSpec, scope: ProcessScope, source: Source): Promise<CompensationResult> {
    const { input, output, idempotencyKey: key, taskKey } = source;
    const about = { key, taskKey, interrupted: false, withoutOutput: output === undefined };
    const run = { scope, kind: 'revert', ...named(input), ...about } as const;
    return this.observe(run, () => this.revert(service, scope, source));
  }

  private async observe<T>(run: HandlerRun, work: () => Promise<T>): Promise<T> {
    const { started, ended } = this.options;
    started(run);
    try {
      return await work();
    } finally {
      if (run.scope.alive) ended(run);
    }
  }

  private async handle(service: ServiceSpec, scope: ProcessScope, request: Task<Input>): Promise<Output> {
    const { order, task } = request.input;
    const key = request.idempotencyKey;
    const random = this.nextRun(`${order}/${task}`);
    // Whoever runs again asks the bank first, as far as it recognises the key: a charge cannot be declined afterwards.
    const isRepeated = this.options.bank.has(service, key);
    const behaviour = isRepeated ? 'normal' : behaviourOf(service, random);
    if (service.updates) await request.pushUpdate({ progress: 10 });
    if (behaviour === 'slow') return this.handleSlowly(service, scope, request, random);
    await scope.sleep(random.int(10, 3_000));
    if (service.updates) await request.pushUpdate({ progress: 50 });
    if (behaviour === 'throw') throw new Error('the card is declined');
    if (behaviour === 'throw-final') throw new NonRetryableError('the card does not exist');
    if (behaviour === 'abort') return request.abort({ reason: 'OUT_OF_STOCK' });
    const charge = this.options.bank.charge({ service, order, task, key }, scope.name);
    await scope.sleep(random.int(1, 300));
    if (behaviour === 'big-output') return { charge: charge.id, note: 'x'.repeat(MAX_MESSAGE_BYTES) };
    if (behaviour === 'bad-output') return { charge: '?' };
    return this.outputOf(service, scope, charge.id);
  }

  private outputOf({ describes }: ServiceSpec, scope: ProcessScope, charge: string): Output {
    return describes ? { charge, note: `by ${scope.name}` } : { charge };
  }

  /** Longer than its limit. Some of these handlers stop when the signal fires, before or after their charge. */
  private async handleSlowly(
    service: ServiceSpec,
    scope: ProcessScope,
    { input: { order, task }, idempotencyKey: key, signal }: Task<Input>,
    random: SeededRandom,
  ): Promise<Output> {
    const ms = random.int(31_000, 400_000);
    const chargesFirst = random.chance(0.4);
    const stops = random.chance(0.5);
    const wait = (): Promise<void> =>
      stops
        ? Promise.race([
            scope.sleep(ms),
            new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
          ])
        : scope.sleep(ms);
    if (!chargesFirst) {
      await wait();
      if (stops && signal.aborted) {
        if (random.chance(0.5)) throw new NonRetryableError('stopped before the charge');
        throw new Error('stopped');
      }
    }
    const charge = this.options.bank.charge({ service, order, task, key }, scope.name);
    if (chargesFirst) {
      await wait();
      if (stops && signal.aborted) throw new Error('stopped');
    }
    await scope.sleep(random.int(1, 300));
    return this.outputOf(service, scope, charge.id);
  }

  private async revert(
    service: ServiceSpec,
    scope: ProcessScope,
    { input: { order, task }, output, idempotencyKey: key, taskKey }: Source,
  ): Promise<CompensationResult> {
    const { bank, notUndone } = this.options;
    const random = this.nextRun(`${order}/${task}/revert`);
    await scope.sleep(random.int(10, 2_000));
    const draw = random.next();
    if (draw < 0.04) {
      notUndone(order, task, 'failed');
      return CompensationResult.failed(new Error('the account is closed'));
    }
    if (draw < 0.08) {
      notUndone(order, task, 'partial');
      return CompensationResult.partial({ completed: ['fee'], remaining: ['amount'] });
    }
    if (draw < 0.2) {
      notUndone(order, task, 'thrown');
      throw new Error('the bank is busy');
    }
    if (draw < 0.24) await scope.sleep(random.int(31_000, 400_000));
    if (output === undefined) bank.undoKey(service, taskKey, key, scope.name);
    else bank.refund(output.charge, key, scope.name);
    await scope.sleep(random.int(1, 300));
    return CompensationResult.completed();
  }

  private nextRun(what: string): SeededRandom {
    const run = (this.runs.get(what) ?? 0) + 1;
    this.runs.set(what, run);
    return this.options.random.fork(`${what}/${run}`);
  }
}

const named = ({ order, task }: Input): Input => ({ order, task });

function behaviourOf({ shares }: ServiceSpec, random: SeededRandom): Behaviour {
  let draw = random.next();
  for (const [behaviour, share] of Object.entries(shares) as [keyof typeof shares, number][]) {
    if (draw < share) return behaviour;
    draw -= share;
  }
  return 'normal';
}
