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
import type { ProcessScope } from '../kernel/process-scope';
import type { Random } from '../kernel/random';
import type { Behaviour, ServiceSpec } from '../spec/world-spec';
import type { Bank } from './bank';

/** Which run of a handler or revert handler this is, for the judge. */
export interface HandlerRun {
  readonly scope: ProcessScope;
  readonly kind: 'handler' | 'revert';
  readonly order: string;
  readonly task: string;
  readonly key: string;
}

export interface ShopOptions {
  readonly bank: Bank;
  readonly random: Random;
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
}

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
  properties: { charge: { type: 'string', minLength: 2 } },
  required: ['charge'],
});

export class Shop {
  private readonly runs = new Map<string, number>();

  constructor(private readonly options: ShopOptions) {}

  define(service: ServiceSpec, scope: ProcessScope): FunctionService {
    const { name, bank, revertible, revertibleForMs } = service;
    return defineService(
      {
        name,
        description: `Charges the ${bank} bank`,
        input: INPUT,
        output: OUTPUT,
        onCrash: bank === 'plain' ? 'fail' : 'rerun',
        ...(revertible && {
          revertibleFor: revertibleForMs,
          revert: (source: RevertSource<Input, Output>) => this.undo(scope, source),
        }),
      },
      (task) => {
        const run = { scope, kind: 'handler', ...named(task.input), key: task.idempotencyKey } as const;
        return this.observe(run, () => this.handle(service, scope, task));
      },
    );
  }

  private undo(
    scope: ProcessScope,
    { input, output, idempotencyKey: key }: RevertSource<Input, Output>,
  ): Promise<CompensationResult> {
    const run = { scope, kind: 'revert', ...named(input), key } as const;
    return this.observe(run, () => this.revert(scope, named(input), output, key));
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
    await scope.sleep(behaviour === 'slow' ? random.int(31_000, 400_000) : random.int(10, 3_000));
    if (behaviour === 'throw') throw new Error('the card is declined');
    if (behaviour === 'throw-final') throw new NonRetryableError('the card does not exist');
    if (behaviour === 'abort') return request.abort({ reason: 'OUT_OF_STOCK' });
    const charge = this.options.bank.charge({ service, order, task, key }, scope.name);
    await scope.sleep(random.int(1, 300));
    return { charge: behaviour === 'bad-output' ? '?' : charge.id };
  }

  private async revert(
    scope: ProcessScope,
    { order, task }: Input,
    output: Output,
    key: string,
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
    bank.refund(output.charge, key, scope.name);
    await scope.sleep(random.int(1, 300));
    return CompensationResult.completed();
  }

  private nextRun(what: string): Random {
    const run = (this.runs.get(what) ?? 0) + 1;
    this.runs.set(what, run);
    return this.options.random.fork(`${what}/${run}`);
  }
}

const named = ({ order, task }: Input): Input => ({ order, task });

function behaviourOf({ shares }: ServiceSpec, random: Random): Behaviour {
  let draw = random.next();
  for (const [behaviour, share] of Object.entries(shares) as [keyof typeof shares, number][]) {
    if (draw < share) return behaviour;
    draw -= share;
  }
  return 'normal';
}
