import 'reflect-metadata';
import { IsInt, IsString } from 'class-validator';
import { parseReference } from '@orra-ts/protocol';
import { Handler } from '../decorators/handler';
import { OrraService } from '../decorators/service';
import { defineService } from '../definition/define-service';
import { jsonSchema } from '../json-schema';
import type { Task } from '../task';
import { definePlan, type PlanBuilder } from './define-plan';
import { remoteService } from '../definition/remote-service';
import { explorePlans, resolvePlan } from './resolve-plan';

class Order {
  @IsString() customerId!: string;
  @IsString() productId!: string;
  @IsInt() quantity!: number;
}
class Customer {
  @IsString() customerId!: string;
}
class Address {
  @IsString() line!: string;
}
class Found {
  address!: Address;
  lines!: string[];
  @IsString() name!: string;
}
class Hold {
  @IsString() productId!: string;
  @IsInt() quantity!: number;
}
class Held {
  @IsString() reservationId!: string;
}

@OrraService({ name: 'customers', description: 'Knows customers' })
class Customers {
  @Handler({ input: Customer, output: Found }) lookup(_: Task<Customer>): Found {
    return new Found();
  }
}
@OrraService({ name: 'inventory', description: 'Holds stock' })
class Inventory {
  @Handler({ input: Hold, output: Held, name: 'reserve' }) reserve(_: Task<Hold>): Held {
    return new Held();
  }
  @Handler({ input: Held, output: Held, name: 'free' }) free(_: Task<Held>): Held {
    return new Held();
  }
  helper(): void {}
}
const ship = defineService(
  {
    name: 'shipping',
    description: 'Ships',
    input: jsonSchema<{ line: string; reservationId: string; mode: string }>({
      type: 'object',
      properties: { line: { type: 'string' } },
    }),
    output: Held,
  },
  () => ({ reservationId: '' }),
);
const pack = remoteService({
  name: 'pack',
  input: jsonSchema<{
    parcel: { to: Address; price: string; note?: string };
    items: { sku: string; quantity: number }[];
  }>({ type: 'object' }),
  output: Held,
});

const shipOrder = definePlan(
  'Ship order of {customerId}',
  Order,
  (p, order) => {
    const customer = p.task(Customers, 'lookup', { customerId: order.customerId });
    const held = p.task(Inventory, 'reserve', { productId: order.productId, quantity: 2 });
    return p.task(ship, { line: customer.address.line, reservationId: held.reservationId, mode: 'fast' });
  },
  { description: 'Looks up, holds, ships' },
);

it('the task whose output is returned is last, so that an engine uses it as the result', () => {
  const plan = definePlan('Look up beside holding', Order, (p, order) => {
    const customer = p.task(Customers, 'lookup', { customerId: order.customerId });
    p.task(Inventory, 'reserve', { productId: order.productId, quantity: 1 });
    return customer;
  });
  expect(plan.tasks.map(({ id }) => id)).toEqual(['task2', 'task1']);
});

/** Defines a plan without type checks, as in JavaScript. */
function misuse(build: (p: PlanBuilder & { task: (...args: unknown[]) => never }, order: never) => unknown): string {
  try {
    definePlan('Misuse', Order, build as never);
    return 'nothing was thrown';
  } catch (error) {
    expect(error).toMatchObject({ code: 'ORRA_INVALID_PLAN' });
    return (error as Error).message;
  }
}

describe('a plan', () => {
  it('resolves to tasks of services by name, wired by references', () => {
    expect(resolvePlan(shipOrder)).toEqual({
      name: 'ship-order-of-customerid',
      action: 'Ship order of {customerId}',
      description: 'Looks up, holds, ships',
      input: {
        type: 'object',
        properties: { customerId: { type: 'string' }, productId: { type: 'string' }, quantity: { type: 'integer' } },
        required: ['customerId', 'productId', 'quantity'],
      },
      plan: {
        tasks: [
          { id: 'task1', service: 'customers', input: { customerId: '$task0.customerId' } },
          { id: 'task2', service: 'inventory.reserve', input: { productId: '$task0.productId', quantity: 2 } },
          {
            id: 'task3',
            service: 'shipping',
            input: { line: '$task1.address.line', reservationId: '$task2.reservationId', mode: 'fast' },
          },
        ],
      },
    });
  });

  it('may have its tasks reverted in parallel; any other order is an error', () => {
    const define = (compensation?: 'parallel') =>
      definePlan(
        'Look up',
        Customer,
        (p, { customerId }) => p.task(Customers, 'lookup', { customerId }),
        compensation ? { compensation } : {},
      );
    expect(resolvePlan(define('parallel')).plan).toMatchObject({ compensation: 'parallel' });
    expect(resolvePlan(define()).plan).not.toHaveProperty('compensation');
    expect(() => define('serial' as 'parallel')).toThrow('the option compensation is "serial"');
  });

  it('may have no data', () => {
    const nothing = jsonSchema<Record<string, never>>({ type: 'object', properties: {} });
    const nightly = definePlan('Restock', nothing, (p) =>
      p.task(Inventory, 'reserve', { productId: 'a', quantity: 1 }),
    );
    expect(resolvePlan(nightly).input).toEqual({ type: 'object', properties: {} });
  });

  it('is frozen', () => {
    expect([
      Object.isFrozen(shipOrder),
      Object.isFrozen(shipOrder.tasks),
      Object.isFrozen(shipOrder.tasks[0]?.input),
    ]).toEqual([true, true, true]);
  });

  it('refers to list elements by position', () => {
    const plan = definePlan('First line', Order, (p, order) => {
      const customer = p.task(Customers, 'lookup', { customerId: order.customerId });
      return p.task(Inventory, 'free', { reservationId: customer.lines[0] as never });
    });
    const reference = plan.tasks[1]?.input['reservationId'];
    expect(reference).toBe('$task1.lines.0');
    expect(parseReference(reference)).toEqual({ taskId: 'task1', path: ['lines', '0'] });
  });

  it('may have references inside objects and lists, and strings that only start like one', () => {
    const plan = definePlan('Pack', Order, (p, order) => {
      const customer = p.task(Customers, 'lookup', { customerId: order.customerId });
      return p.task(pack, {
        parcel: { to: customer.address, price: '$100', note: undefined },
        items: [
          { sku: order.productId, quantity: 1 },
          { sku: 'wrap', quantity: order.quantity },
        ],
      });
    });
    expect(plan.tasks[1]?.input).toEqual({
      parcel: { to: '$task1.address', price: '$100' },
      items: [
        { sku: '$task0.productId', quantity: 1 },
        { sku: 'wrap', quantity: '$task0.quantity' },
      ],
    });
  });

  it('omits undefined members', () => {
    const plan = definePlan('Optional', Order, (p) =>
      p.task(ship, { line: 'a', reservationId: 'b', mode: undefined as never }),
    );
    expect(plan.tasks[0]?.input).toEqual({ line: 'a', reservationId: 'b' });
  });

  it('may have an explicit name', () => {
    const build = (p: PlanBuilder) => p.task(ship, { line: 'a', reservationId: 'b', mode: 'c' });
    expect(definePlan('Ship!', Order, build, { name: 'my.plan' }).name).toBe('my.plan');
    expect(definePlan(`Ship ${'very '.repeat(20)}far`, Order, build).name).toHaveLength(63);
    expect(() => definePlan('??', Order, build)).toThrow(/the plan's name "" must be 3 to 63/);
    expect(() => definePlan(' ', Order, build)).toThrow(/the action is empty/);
    expect(() => definePlan('Ship', undefined as never, build)).toThrow(/its input is undefined/);
  });
});

describe('misuse is explained where the plan is defined', () => {
  // Untyped, as in JavaScript.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  it.each<[string, (p: { task: (...args: unknown[]) => any }, order: any) => unknown, RegExp]>([
    [
      'a string concatenated with a reference',
      (p, o) => p.task(Customers, 'lookup', { customerId: `c-${o.customerId}` }),
      /customerId of the input is used as a string or number/,
    ],
    [
      'arithmetic',
      (p, o) => p.task(Inventory, 'reserve', { productId: 'p', quantity: o.quantity * 2 }),
      /quantity of the input is used as a string or number/,
    ],
    ['JSON', (_, o) => JSON.stringify(o), /the input is used as a string or number/],
    ['spreading', (p, o) => p.task(Inventory, 'reserve', { ...o }), /the input is spread or enumerated/],
    ['iteration', (_, o) => [...o.items], /items of the input is iterated/],
    ['assignment', (_, o) => (o.quantity = 1), /the input is assigned to/],
    ['the in operator', (_, o) => 'quantity' in o, /is tested for members/],
    [
      'a whole reference as input',
      (p, o) => p.task(Inventory, 'reserve', o),
      /the whole input of task1 is a reference/,
    ],
    [
      'a whole output as member',
      (p, o) => p.task(Customers, 'lookup', { customerId: p.task(Customers, 'lookup', { customerId: o.customerId }) }),
      /the output of task1 is used as a whole/,
    ],
    [
      'a whole output inside an object',
      (p, o) => p.task(ship, { line: [p.task(Customers, 'lookup', { customerId: o.customerId })] }),
      /the output of task1 is used as a whole/,
    ],
    [
      'a string that is a reference',
      (p) => p.task(ship, { line: '$task0.line' }),
      /task1.line is the string "\$task0.line", which an engine would read as a reference/,
    ],
    [
      'such a string inside an object',
      (p) => p.task(ship, { line: { a: ['$task0.x'] } }),
      /task1.line.a\[0\] is the string/,
    ],
    [
      'a value that contains itself and a reference',
      (p, o) => {
        const line: Record<string, unknown> = { of: o.customerId };
        line['self'] = line;
        return p.task(ship, { line });
      },
      /task1.line.self cannot be expressed in JSON: it contains itself/,
    ],
    ['a function beside a reference', (p, o) => p.task(ship, { line: [o.a, () => 1] }), /task1.line\[1\] cannot be/],
    ['a value without a JSON form', (p) => p.task(ship, { line: 1n }), /task1.line cannot be expressed in JSON/],
    ['a function as literal', (p) => p.task(ship, { line: () => 1 }), /task1.line cannot be expressed in JSON/],
    ['a map as literal', (p) => p.task(ship, { line: { a: new Map() } }), /task1.line .*a Map \(at `a`\)/],
    ['NaN inside a literal', (p) => p.task(ship, { line: [1, NaN] }), /task1.line .*NaN \(at `\[1\]`\)/],
    ['no input', (p) => p.task(ship), /task1 has no input/],
    ['a class that is not annotated', (p) => p.task(Order, 'x', {}), /Order, the service of task1, is not annotated/],
    [
      'a method that is not a handler',
      (p) => p.task(Inventory, 'helper', {}),
      /Inventory.helper, named by task1, is not a handler; name one of reserve, free/,
    ],
    ['an undefined class', (p) => p.task(undefined, 'x', {}), /the service of task1 is undefined/],
    ['a service by name', (p) => p.task('inventory', 'x', {}), /neither a class nor made by defineService/],
    ['no task', (_, o) => o, /it has no task/],
    ['no result', (p) => void p.task(ship, { line: 'a' }), /build does not return the output of a task/],
    ['an asynchronous build', async (p) => p.task(ship, { line: 'a' }), /build is asynchronous/],
    ['a member with a dot', (p, o) => p.task(ship, { line: o['a.b'] }), /the member "a.b" cannot be referenced/],
  ])('%s', (_, build, message) => {
    const text = misuse(build as never);
    expect(text).toMatch(/^definePlan\("Misuse"\): /);
    expect(text).toMatch(message);
  });

  it('a reference of another plan', () => {
    let stolen: unknown;
    definePlan('Other', Order, (p, order) => {
      stolen = order.customerId;
      return p.task(Customers, 'lookup', { customerId: order.customerId });
    });
    expect(misuse((p) => p.task(Customers, 'lookup', { customerId: stolen }))).toMatch(/belongs to another plan/);
  });

  it('a task added after the plan was built', () => {
    let builder: PlanBuilder | undefined;
    definePlan('Late', Order, (p, order) => {
      builder = p;
      return p.task(Customers, 'lookup', { customerId: order.customerId });
    });
    expect(() => builder?.task(Customers, 'lookup', { customerId: 'x' })).toThrow(/after the plan was built/);
  });

  it('an error thrown in build is passed on', () => {
    expect(() =>
      definePlan('Throws', Order, () => {
        throw new RangeError('mine');
      }),
    ).toThrow(RangeError);
  });
});

describe('problems of plans at boot', () => {
  class Ruleless {
    a!: string;
  }
  it('are reported together for all plans', () => {
    const build = (p: PlanBuilder) => p.task(ship, { line: 'a', reservationId: 'b', mode: 'c' });
    const { plans, problems } = explorePlans([
      shipOrder,
      definePlan('Unknown {member}', Order, build),
      definePlan('No rules', Ruleless, build),
      definePlan('Another', Order, build, { name: shipOrder.name }),
    ]);
    expect(plans.map(({ action }) => action)).toEqual(['Ship order of {customerId}', 'Another']);
    expect(problems.map(({ where, field, message }) => `${where} (${field}): ${message}`)).toEqual([
      'definePlan("Unknown {member}") (action): {member} names no property of its input',
      'definePlan("No rules") (input Ruleless): has no validation rules, so every value would be rejected',
      'definePlan("Another") (name): the name "ship-order-of-customerid" is already used by "Ship order of {customerId}"',
    ]);
    expect(() => resolvePlan(definePlan('No rules', Ruleless, build))).toThrow(
      /The application cannot start: 1 problem/,
    );
  });
});
