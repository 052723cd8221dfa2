import { renderPlanCode } from './plan-code';
import type { PlanDocument } from './plan-document';

const text = { type: 'string' };
const object = (properties: object, required: readonly string[] = []) => ({ type: 'object', properties, required });

const document = (change: Partial<PlanDocument>): PlanDocument => ({
  name: 'ship-order',
  action: 'Ship order {orderId}',
  description: 'Runs stock',
  input: object({ orderId: text }, ['orderId']),
  tasks: [{ id: 'task1', service: 'stock', input: { order: '$task0.orderId' } }],
  ...change,
});
const stock = { input: object({ order: text }, ['order']), output: object({ id: text }) };
const code = (change: Partial<PlanDocument>, input: object = stock.input, output: object = stock.output): string =>
  renderPlanCode(document(change), new Map([['stock', { input, output } as never]]), ['Review it.']);
/** The wiring of the plan, without whitespace. */
const wiring = (...args: Parameters<typeof code>): string =>
  (/=> \{([^]*?)\n {2}\},/.exec(code(...args))?.[1] ?? '').replace(/\s+/g, ' ').trim();
const taskOf = (input: Record<string, unknown>) => ({ tasks: [{ id: 'task1', service: 'stock', input }] });

it('is a complete file', () => {
  expect(code({})).toBe(`// Review it.
// Run it with: OrraFactory.create({ plans: [shipOrder], ... })
import { definePlan, jsonSchema, remoteService } from '@orra-ts/sdk';

const stock = remoteService({
  name: 'stock',
  input: jsonSchema<{
    order: string;
  }>({
    type: 'object',
    properties: {
      order: {
        type: 'string',
      },
    },
    required: ['order'],
  }),
  output: jsonSchema<{
    id?: string;
  }>({
    type: 'object',
    properties: {
      id: {
        type: 'string',
      },
    },
    required: [],
  }),
});

const input = jsonSchema<{
  orderId: string;
}>({
  type: 'object',
  properties: {
    orderId: {
      type: 'string',
    },
  },
  required: ['orderId'],
});

export const shipOrder = definePlan(
  'Ship order {orderId}',
  input,
  (p, data) => {
    return p.task(stock, {
      order: data.orderId,
    });
  },
  {
    name: 'ship-order',
    description: 'Runs stock',
  },
);
`);
});

it('contains the order of reverts as an option', () => {
  expect(code({ compensation: 'parallel' })).toContain(
    "    description: 'Runs stock',\n    compensation: 'parallel',\n  },",
  );
});

describe('identifiers', () => {
  it.each([
    ['my.service-2', 'myService2'],
    ['delete', 'deletePlan'],
    ['3d-print', 'plan3dPrint'],
    ['data', 'dataPlan'],
    ['task1', 'task1Plan'],
    ['stock', 'stock'],
  ])('of %s is %s', (name, identifier) => {
    expect(code({ name })).toContain(`export const ${identifier} = definePlan(`);
  });

  it('of two names differ', () => {
    const services = new Map(['a-b', 'a.b', 'a.b.service'].map((name) => [name, stock]));
    const all = renderPlanCode(document({ name: 'a--b' }), services, []);
    expect(all.match(/^(?:export )?const \w+ =/gm)).toEqual([
      'const aBService =',
      'const aBService_2 =',
      'const aBServiceService =',
      'const input =',
      'export const aB =',
    ]);
  });
});

describe('string literals', () => {
  it.each([
    ["it's", `"it's"`],
    [`'"'"`, `'\\'"\\'"'`],
    ['a\\b\n\u2028\u202e\ud800', `'a\\\\b\\n\\u2028\\u202e\\ud800'`],
    ['${x} */ `', "'${x} */ `'"],
  ])('%j', (value, literal) => {
    expect(wiring(taskOf({ order: value }))).toBe(`return p.task(stock, { order: ${literal}, });`);
  });

  it('of members that would change the object', () => {
    const input = JSON.parse('{"__proto__":"a","my-field":"b"}') as Record<string, unknown>;
    expect(wiring(taskOf(input), { type: 'object' })).toContain(`{ ['__proto__']: 'a', 'my-field': 'b', }`);
  });
});

describe('casts where the engine knows more than the compiler', () => {
  const odd = object(
    { mode: { enum: ['fast', 'slow'] }, list: { type: 'array', items: text }, to: object({ line: text }, ['line']) },
    ['mode'],
  );
  const data = {
    input: object({ mode: text, to: object({ line: text }), lines: { type: 'array', items: text }, 'a b': text }, [
      'mode',
    ]),
  };
  it.each<[string, Record<string, unknown>, string]>([
    ['an enum for which any text is given', { mode: '$task0.mode' }, '{ mode: data.mode as never, }'],
    ['a literal that the type has not', { mode: 'slower' }, "{ mode: 'slower' as never, }"],
    ['what is absent', { mode: 'fast', list: ['$task0.lines.0'] }, "{ mode: 'fast', list: [data.lines![0]!], }"],
    [
      'an optional member for a required one',
      { mode: 'fast', to: '$task0.to' },
      "{ mode: 'fast', to: data.to! as never, }",
    ],
    [
      'a member of what may be absent',
      { mode: 'fast', to: { line: '$task0.to.line' } },
      "{ mode: 'fast', to: { line: data.to!.line!, }, }",
    ],
    ['a member that is not declared', { mode: 'fast', more: 'x' }, "{ mode: 'fast', more: 'x', } as never"],
    ['a member that is missing', { list: [] }, '{ list: [], } as never'],
    [
      'a path that no type knows',
      { mode: 'fast', list: '$task0.to.at.0.x' },
      "{ mode: 'fast', list: (data.to! as any).at[0].x, }",
    ],
  ])('%s', (_, input, expected) => {
    expect(wiring({ ...data, ...taskOf(input) }, odd)).toBe(`return p.task(stock, ${expected});`);
  });
});

it('unused outputs have no variable, and unused data no parameter', () => {
  const tasks = [
    { id: 'task1', service: 'stock', input: { order: 'a' } },
    { id: 'task2', service: 'stock', input: { order: 'b' } },
    { id: 'task3', service: 'stock', input: { order: '$task2.id' } },
  ];
  const all = code({ tasks, input: object({}) });
  expect(all).toContain('const input = jsonSchema<Record<string, never>>({');
  expect(all).toContain(`  (p) => {
    p.task(stock, {
      order: 'a',
    });
    const task2 = p.task(stock, {`);
});

it.each(['$task0.then', '$task1.a.toJSON', '$task0.first name'])('%s cannot be expressed', (reference) => {
  expect(() => code(taskOf({ order: reference }))).toThrow(
    /task1\.order refers to a member `.*`, which definePlan cannot/,
  );
});
