import 'reflect-metadata';
import { IsInt, IsString, ValidateNested } from 'class-validator';
import { Handler } from '../decorators/handler';
import { RevertHandler } from '../decorators/revert-handler';
import { OrraAgent, OrraService } from '../decorators/service';
import { jsonSchema } from '../json-schema';
import { CompensationResult, Task, type RevertSource } from '../task';
import { OrraBootError } from '../boot-error';
import { defineService } from './define-service';
import { exploreServices } from './explore';
import type { ServiceSource } from './service-source';

class In {
  @IsString() productId!: string;
}
class Out {
  @IsString() reservationId!: string;
}
const options = { input: In, output: Out };
const output: Out = { reservationId: 'r' };

const explore = (...sources: readonly unknown[]) => exploreServices(sources as readonly ServiceSource[]);
const problems = (...sources: readonly unknown[]): string[] =>
  explore(...sources).problems.map(({ where, field, message }) => `${where}${field ? ` (${field})` : ''}: ${message}`);
function definition(source: unknown, index = 0) {
  const { definitions, problems } = explore(source);
  expect(problems).toEqual([]);
  const explored = definitions[index];
  if (!explored) throw new Error('no definition');
  return explored.definition;
}

describe('a decorated class', () => {
  @OrraService({ name: 'inventory', description: 'Holds stock' })
  class Inventory {
    constructor(private readonly prefix = 'r-') {}
    @Handler({ ...options, timeout: '30s', concurrency: 4, onCrash: 'fail', takes: 'input' })
    reserve(input: In): Out {
      return { reservationId: this.prefix + input.productId };
    }
    @RevertHandler('reserve', { revertibleFor: '2h', also: ['unknown'] })
    release(source: RevertSource<In, Out | undefined>): CompensationResult {
      return CompensationResult.failed(`${this.prefix}${source.output?.reservationId}`);
    }
  }

  it('becomes a frozen definition that calls it', () => {
    const found = definition(Inventory);
    expect(Object.isFrozen(found)).toBe(true);
    expect(found).toMatchObject({
      name: 'inventory',
      kind: 'service',
      description: 'Holds stock',
      label: 'Inventory.reserve',
      takes: 'input',
      timeoutMs: 30_000,
      concurrency: 4,
      onCrash: 'fail',
      target: { cls: Inventory, method: 'reserve' },
      revert: { label: 'Inventory.release', ttlMs: 7_200_000, also: new Set(['unknown']) },
    });
    expect(found.invoke(new Inventory(), { productId: 'p' })).toEqual({ reservationId: 'r-p' });
    expect(found.revert?.invoke(new Inventory(), { output })).toMatchObject({ status: 'failed', error: 'r-r' });
  });

  it('has these defaults', () => {
    @OrraAgent({ name: 'agent', description: 'Decides' })
    class Agent {
      @Handler(options) act(_: Task<In>): Out {
        return output;
      }
      @RevertHandler() undo(): void {}
    }
    const found = definition(Agent);
    expect(found).toMatchObject({
      name: 'agent',
      kind: 'agent',
      takes: 'task',
      concurrency: Infinity,
      onCrash: 'rerun',
    });
    expect([found.timeoutMs, found.revert?.ttlMs, found.revert?.also.size]).toEqual([undefined, 86_400_000, 0]);
  });

  it('calls the current method if it was replaced later', () => {
    const found = definition(Inventory);
    expect(found.invoke({ reserve: () => 'spied' }, {})).toBe('spied');
  });

  it('with several handlers becomes several services, each with its own revert', () => {
    @OrraService({ name: 'shop', description: 'Sells' })
    class Shop {
      @Handler({ ...options, name: 'buy', description: 'Buys' }) buy(_: Task<In>): Out {
        return output;
      }
      @Handler({ ...options, name: 'look' }) look(_: Task<In>): Out {
        return output;
      }
      @RevertHandler('buy') giveBack(): void {}
    }
    const source = { class: Shop, useValue: new Shop() };
    const { definitions, problems } = explore(source);
    expect(problems).toEqual([]);
    expect(definitions.map(({ definition: found }) => [found.name, found.description, found.revert?.label])).toEqual([
      ['shop.buy', 'Buys', 'Shop.giveBack'],
      ['shop.look', 'Sells', undefined],
    ]);
    expect(definitions.map((explored) => explored.source)).toEqual([source, source]);
  });

  it('passes its handlers to a subclass, which may annotate an override', () => {
    abstract class Base {
      @Handler(options) act(_: Task<In>): Out {
        return { reservationId: 'base' };
      }
      @RevertHandler('act') undo(): void {}
    }
    @OrraService({ name: 'one', description: 'One' })
    class One extends Base {}
    @OrraService({ name: 'two', description: 'Two' })
    class Two extends Base {
      @Handler({ ...options, timeout: 5 }) override act(_: Task<In>): Out {
        return { reservationId: 'two' };
      }
    }
    const { definitions, problems } = explore(One, Two);
    expect(problems).toEqual([]);
    expect(
      definitions.map(({ definition: found }) => [found.name, found.label, found.timeoutMs, found.revert?.label]),
    ).toEqual([
      ['one', 'One.act', undefined, 'One.undo'],
      ['two', 'Two.act', 5, 'Two.undo'],
    ]);
  });
});

describe('a function service', () => {
  it('becomes a definition without a target', () => {
    const service = defineService(
      {
        name: 'echo',
        description: 'Echoes',
        input: jsonSchema<{ text: string }>({ type: 'object', properties: { text: { type: 'string' } } }),
        output: Out,
        revert: () => CompensationResult.completed(),
        revertibleFor: 5000,
      },
      (task) => ({ reservationId: task.input.text }),
    );
    const found = definition(service);
    expect(found).toMatchObject({ name: 'echo', kind: 'service', takes: 'task', label: 'defineService("echo")' });
    expect('target' in found).toBe(false);
    expect(found.invoke(undefined, { input: { text: 'hi' } })).toEqual({ reservationId: 'hi' });
    expect(found.revert).toMatchObject({ ttlMs: 5000, label: 'defineService("echo").revert' });
    expect(found.revert?.invoke(undefined, {})).toEqual(CompensationResult.completed());
  });
});

describe('boot problems', () => {
  const service = OrraService({ name: 'svc', description: 'Does' });
  const handler = (more: object = {}): MethodDecorator => Handler({ ...options, ...more }) as MethodDecorator;

  it('entries that are not services', () => {
    class Bare {}
    expect(problems(undefined, 5, {}, Bare)).toEqual([
      'services: an undefined entry is not a service',
      'services: an entry is not a service',
      'services: an entry is not a service',
      'Bare: is not annotated as a service',
      'Bare: has no handler',
    ]);
  });

  it('a subclass without its own annotation', () => {
    @service
    class Base {
      @handler() act(): void {}
    }
    class Derived extends Base {}
    expect(problems(Derived)).toEqual(['Derived: is not annotated as a service']);
  });

  it('two annotations, static methods', () => {
    @service
    @OrraAgent({ name: 'other', description: 'x' })
    class Twice {
      @handler() act(): void {}
      @handler() static still(): void {}
    }
    expect(problems(Twice)).toEqual(['Twice: is annotated as a service twice', 'Twice.still: is a static method']);
  });

  it('several handlers without names, or with the same name', () => {
    @service
    class Unnamed {
      @handler() one(): void {}
      @handler() two(): void {}
    }
    @OrraService({ name: 'svc2', description: 'Does' })
    class Same {
      @handler({ name: 'x' }) one(): void {}
      @handler({ name: 'x' }) two(): void {}
    }
    expect(problems(Unnamed)).toEqual([
      'Unnamed.one: has no name, and Unnamed has several handlers',
      'Unnamed.two: has no name, and Unnamed has several handlers',
    ]);
    expect(problems(Same)).toEqual([
      'Same.two: has the same name "x" as Same.one',
      'Same.two (name): the name "svc2.x" is already used by Same.one',
    ]);
  });

  it('duplicate, invalid or missing names; a service listed twice', () => {
    @service
    class A {
      @handler() act(): void {}
    }
    @service
    class B {
      @handler() act(): void {}
    }
    @OrraService({ name: 'Inventory Service', description: 'x' })
    class Illegal {
      @handler() act(): void {}
    }
    @OrraService({ description: 'x' } as never)
    class Nameless {
      @handler() act(): void {}
    }
    expect(problems(A, B, A, Illegal, Nameless)).toEqual([
      'B.act (name): the name "svc" is already used by A.act',
      'A.act (name): is listed twice',
      expect.stringMatching(/^Illegal.act \(name\): the name "Inventory Service" may contain only/),
      'Nameless.act (name): its name is missing',
    ]);
    expect(problems(A, A)).toEqual(['A.act (name): is listed twice']);
  });

  it('a missing or empty description', () => {
    @OrraService({ name: 'svc', description: ' ' })
    class Blank {
      @handler() act(): void {}
    }
    expect(problems(Blank)).toEqual(['Blank.act (description): has no description']);
  });

  it('reverts of methods that are not handlers, ambiguous reverts, and several reverts of one handler', () => {
    @service
    class Reverts {
      @handler({ name: 'one' }) one(): void {}
      @handler({ name: 'two' }) two(): void {}
      helper(): void {}
      @RevertHandler('helper') a(): void {}
      @RevertHandler() b(): void {}
      @RevertHandler('one') c(): void {}
      @RevertHandler('one') d(): void {}
      @RevertHandler('one') @handler({ name: 'e' }) e(): void {}
    }
    expect(problems(Reverts)).toEqual([
      "Reverts.a: reverts 'helper', which is not a handler of Reverts",
      "Reverts.b: does not say which handler it reverts, and there are several: 'one', 'two', 'e'",
      "Reverts.d: reverts 'one', and so does Reverts.c",
      'Reverts.e: is both a handler and a revert handler',
    ]);
  });

  it('an override without an annotation, of a handler and of a revert', () => {
    class Base {
      @handler() act(): void {}
      @RevertHandler() undo(): void {}
    }
    @service
    class Silent extends Base {
      override act(): void {}
      override undo(): void {}
    }
    expect(problems(Silent)).toEqual([
      'Silent.act: overrides an annotated method without an annotation of its own',
      'Silent.undo: overrides an annotated method without an annotation of its own',
    ]);
  });

  it('durations and concurrency out of range', () => {
    @service
    class Ranges {
      @handler({ timeout: '30 seconds', concurrency: 0 }) act(): void {}
      @RevertHandler('act', { revertibleFor: 0 }) undo(): void {}
    }
    expect(problems(Ranges)).toEqual([
      'Ranges.act (timeout): "30 seconds" is not a duration above zero',
      'Ranges.act (concurrency): 0 is not a valid number of concurrent runs',
      'Ranges.undo (revertibleFor): 0 is not a duration above zero',
    ]);
  });

  it('missing or invalid schemas, with the property', () => {
    class Ruleless {
      a!: string;
    }
    class Inner {
      @IsInt() a!: number;
    }
    class Untyped {
      @ValidateNested() inner!: Inner;
    }
    @service
    class Schemas {
      @handler({ name: 'one', input: undefined, output: Ruleless }) one(): void {}
      @handler({ name: 'two', input: Untyped, output: jsonSchema({ type: 'object' }) }) two(): void {}
    }
    expect(problems(Schemas)).toEqual([
      'Schemas.one (input): input is missing',
      'Schemas.one (output Ruleless): has no validation rules, so every value would be rejected',
      'Schemas.two (input Untyped.inner): is nested, but its class is not known',
      'Schemas.two (output): output declares no property; engines require at least one',
    ]);
  });

  it('an instance that lacks the method', () => {
    @service
    class Valued {
      @handler() act(): void {}
    }
    expect(problems({ class: Valued, useValue: {} })).toEqual([
      'Valued.act: the instance from useValue has no method act',
    ]);
  });

  it.each<[string, unknown[] | undefined, 'task' | 'input', boolean]>([
    ['its input', [In], 'task', true],
    ['a string', [String], 'task', true],
    ['a Task', [Task], 'task', false],
    ['a type without a class, such as an interface', [Object], 'task', false],
    ['nothing', [], 'task', false],
    ['what the compiler did not emit', undefined, 'task', false],
    ["its input, with takes: 'input'", [In], 'input', false],
  ])('a handler whose first parameter is %s, as the compiler emitted it', (_, emitted, takes, isProblem) => {
    @OrraService({ name: 'emitted', description: 'x' })
    class Emitted {
      act(): Out {
        return output;
      }
    }
    Handler({ ...options, takes })(Emitted.prototype, 'act', { value: () => output });
    if (emitted) Reflect.defineMetadata('design:paramtypes', emitted, Emitted.prototype, 'act');
    const problem = expect.stringMatching(/^Emitted\.act \(takes\): its first parameter is of the class (In|String),/);
    expect(problems(Emitted)).toEqual(isProblem ? [problem] : []);
  });

  it('problems of function services', () => {
    const broken = defineService(
      { name: 'X', description: '', input: In, output: Out, concurrency: 1.5 },
      () => output,
    );
    expect(problems(broken)).toEqual([
      expect.stringMatching(/^defineService\("X"\) \(name\)/),
      'defineService("X") (description): has no description',
      'defineService("X") (concurrency): 1.5 is not a valid number of concurrent runs',
    ]);
  });

  it('one error lists all problems of all services, each with its fix', () => {
    class Bare {}
    @OrraService({ name: 'no', description: 'x' })
    class Short {
      @handler() act(): void {}
    }
    const error = new OrraBootError(explore(Bare, Short).problems);
    expect(error.code).toBe('ORRA_BOOT_FAILED');
    expect(error.problems).toHaveLength(3);
    expect(error.message).toBe(
      [
        'The application cannot start: 3 problems in its services.',
        '1. Bare: is not annotated as a service',
        "   fix: annotate it with @OrraService({ name, description }) or @OrraAgent; a base class's annotation does not count",
        '2. Bare: has no handler',
        '   fix: annotate a method with @Handler({ input, output })',
        '3. Short.act (name): the name "no" must be 3 to 63 characters long, it has 2',
        '   fix: choose a name such as "inventory-service"',
      ].join('\n'),
    );
  });
});
