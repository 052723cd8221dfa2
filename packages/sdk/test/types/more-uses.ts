import 'reflect-metadata';
import * as classTransformer from 'class-transformer';
import * as classValidator from 'class-validator';
import { IsDate, IsString } from 'class-validator';
import { z } from 'zod';
import {
  CompensationResult,
  Describe,
  Field,
  Handler,
  OrraAgent,
  OrraService,
  RevertHandler,
  RevertSource,
  Task,
  definePlan,
  defineService,
  jsonSchema,
  type ValidatorModules,
  type ServiceSource,
} from '@orra-ts/sdk';

class In {
  @IsString() @Describe('What to look for') sku!: string;
  @IsDate()
  @Field({ description: 'Since when', example: '2026-01-01', sensitive: true, deprecated: true })
  since!: Date;
}
class Out {
  @IsString() found!: string;
  shout() {
    return this.found.toUpperCase();
  }
}
class Other {
  zzz!: string;
}

@OrraService({ name: 'single', description: 'One handler' })
export class Single {
  @Handler({
    input: In,
    output: Out,
    unknownFields: 'reject',
    validation: 'schema',
    onCrash: 'fail',
    description: 'Looks',
  })
  look(task: Task<In>) {
    task.input.since.getTime();
    return { found: task.input.sku };
  }
  @RevertHandler()
  forget({ output }: RevertSource<In, { found: string }>): CompensationResult {
    void output.found;
    return CompensationResult.partial({ completed: [], remaining: ['all'] });
  }
}

@OrraAgent({ name: 'agent', description: 'Decides for itself' })
export class Agent {
  constructor(private readonly single: Single) {}
  @Handler({ input: In, output: Out })
  async noParameter() {
    void this.single;
    return new Out();
  }
}

// @ts-expect-error a service needs a description
@OrraService({ name: 'nameless' })
export class Undescribed {}

export class Misused {
  // @ts-expect-error unknown unit
  @Handler({ input: In, output: Out, timeout: '30 parsecs' }) a(task: Task<In>): Out {
    return new Out();
  }
  // @ts-expect-error output is missing
  @Handler({ input: In }) b(task: Task<In>): Out {
    return new Out();
  }
  // @ts-expect-error a string is not a schema
  @Handler({ input: 'In', output: Out }) c(task: Task<In>): Out {
    return new Out();
  }
  // @ts-expect-error a revert without argument is checked for its result
  @RevertHandler() d(source: RevertSource<In, Out>) {
    return true;
  }
  // @ts-expect-error a handler that returns nothing
  @Handler({ input: In, output: Out }) e(task: Task<In>): void {}
}

const echo = defineService(
  {
    name: 'echo',
    description: 'Says it again',
    input: jsonSchema<{ text: string }>({ type: 'object', properties: { text: { type: 'string' } } }),
    output: Out,
    revert: ({ input, output }) => {
      input.text.trim();
      output.shout();
    },
    revertibleFor: '1h',
    timeout: 500,
    concurrency: 2,
  },
  async (task) => {
    await task.pushUpdate({ progress: 50, anything: true });
    if (task.input.text === '') return task.abort({ reason: 'EMPTY' });
    return { found: task.input.text };
  },
);
const zodEcho = defineService(
  {
    name: 'zod-echo',
    description: 'Says it again',
    input: z.object({ n: z.number().default(1) }),
    output: z.object({ n: z.number() }),
  },
  (task) => ({ n: task.input.n + 1 }),
);

export const lookedUp = defineService(
  {
    name: 'looked-up',
    description: 'Charges',
    input: In,
    output: Out,
    also: ['failed', 'unknown'],
    revert: ({ output, outcome, taskKey }) => {
      // @ts-expect-error possibly undefined with `also`
      output.shout();
      if (outcome === 'completed') output?.shout();
      // @ts-expect-error no such outcome
      void (outcome === 'interrupted');
      void taskKey.length;
    },
  },
  () => new Out(),
);
// prettier-ignore
defineService(
  // @ts-expect-error not an outcome without an output
  { name: 'wrong', description: 'Wrong', input: In, output: Out, also: ['interrupted'], revert: () => {} },
  () => new Out(),
);

// @ts-expect-error wrong output
defineService({ name: 'wrong', description: 'Wrong', input: In, output: Out }, (task) => ({ lost: task.input.sku }));
// prettier-ignore
defineService({ name: 'wrong', description: 'Wrong', input: In, output: Out }, (task) => {
  // @ts-expect-error unknown member
  task.input.nothing;
  return new Out();
});
defineService(
  // @ts-expect-error the revert requires another output
  { name: 'wrong', description: 'Wrong', input: In, output: Out, revert: (source: RevertSource<In, Other>) => {} },
  () => new Out(),
);

export const services: ServiceSource[] = [
  Single,
  { class: Single, useValue: new Single() },
  { class: Agent, useFactory: () => new Agent(new Single()) },
  { class: Agent, useFactory: async () => new Agent(new Single()) },
  echo,
  zodEcho,
];
// @ts-expect-error a value or a factory is required
export const sourceless: ServiceSource = { class: Single };

export const plan = definePlan(
  'Look for {sku}',
  jsonSchema<{ sku: string; since: Date; many: number }>({}),
  (p, order) => {
    const found = p.task(Single, 'look', { sku: order.sku, since: order.since });
    const said = p.task(echo, { text: found.found });
    // @ts-expect-error number passed to a string
    p.task(echo, { text: order.many });
    // @ts-expect-error unknown handler
    p.task(Single, 'looks', { sku: order.sku });
    // @ts-expect-error not an input member
    p.task(Single, 'look', { sku: order.sku, since: order.since, extra: 1 });
    void said.found;
    // Optional in submissions, and therefore optional here.
    return p.task(zodEcho, {});
  },
  { name: 'look-for', description: 'Looks and says' },
);
// @ts-expect-error build must return the output of a task
definePlan('Nothing', In, () => 'nothing');

export const validatorModules: ValidatorModules = { classValidator, classTransformer };
