import type { PlanPreview, PlannedTaskView, Spec } from '@orra-ts/protocol';
import { pinPlan } from './plan-document';

const object = (properties: Record<string, unknown>, required?: readonly string[]): Spec =>
  ({ type: 'object', properties, ...(required ? { required } : {}) }) as Spec;
const text = { type: 'string' };
const task = (
  id: string,
  service: string,
  input: Record<string, unknown>,
  expectedInput: Spec = object({ any: text }),
): PlannedTaskView => ({
  id,
  service: `s_${service}`,
  service_name: service,
  input,
  capabilities: [],
  expected_input: expectedInput,
  expected_output: object({ id: text }),
});
const preview = (tasks: readonly PlannedTaskView[], taskZero: Record<string, unknown> = {}): PlanPreview => ({
  outcome: 'planned',
  plan: { tasks, parallel_groups: [] },
  taskZero,
  source: { kind: 'model', model: 'm' },
});
const pin = (
  action: string,
  data: Record<string, unknown>,
  tasks: readonly PlannedTaskView[],
  constants: Record<string, unknown> = {},
) => pinPlan({ name: 'my-plan', action, data, preview: preview(tasks, { ...data, ...constants }) });

describe('a plan of one request becomes a reusable plan', () => {
  const data = { orderId: 'A-17', sku: 'sku-9', quantity: 250 };
  const hold = object({ sku: text, quantity: { type: 'integer', minimum: 1 }, note: text }, ['sku', 'quantity']);
  const { document, replaced } = pin('Ship 250 of order A-17', data, [
    task('task1', 'stock', { sku: '$task0.sku', quantity: 250, note: 'for A-17' }, hold),
    task(
      'task2',
      'shipping',
      { order: 'A-17', items: [{ sku: 'sku-9' }], hold: '$task1.id' },
      object({ order: text, items: { type: 'array', items: object({ sku: text }) }, hold: text }, ['order']),
    ),
  ]);

  it('with params in its action, references instead of values, and a schema of the data', () => {
    expect(document).toEqual({
      name: 'my-plan',
      action: 'Ship {quantity} of order {orderId}',
      description: 'Runs stock, then shipping',
      input: {
        type: 'object',
        properties: { orderId: text, sku: text, quantity: { type: 'integer', minimum: 1 } },
        required: ['orderId', 'sku', 'quantity'],
      },
      tasks: [
        {
          id: 'task1',
          service: 'stock',
          input: { sku: '$task0.sku', quantity: '$task0.quantity', note: 'for A-17' },
        },
        {
          id: 'task2',
          service: 'shipping',
          input: { order: '$task0.orderId', items: [{ sku: '$task0.sku' }], hold: '$task1.id' },
        },
      ],
    });
  });

  it('with the order of its reverts', () => {
    const shown = preview([task('task1', 'stock', { sku: '$task0.sku' }, hold)], data);
    const parallel = {
      ...shown,
      plan: { tasks: [], parallel_groups: [], ...shown.plan, compensation: 'parallel' },
    } as const;
    const reverts = (plan: typeof shown) => pinPlan({ name: 'my-plan', action: 'Ship', data, preview: plan }).document;
    expect(reverts(parallel)).toHaveProperty('compensation', 'parallel');
    expect(reverts(shown)).not.toHaveProperty('compensation');
  });

  it('and the replacements are reported', () => {
    expect(replaced).toEqual([
      { task: 'task1', field: 'quantity', value: 250, reference: '$task0.quantity' },
      { task: 'task2', field: 'order', value: 'A-17', reference: '$task0.orderId' },
      { task: 'task2', field: 'items[0].sku', value: 'sku-9', reference: '$task0.sku' },
    ]);
  });
});

describe('a value stays unchanged', () => {
  const kept = (data: Record<string, unknown>, value: unknown) => {
    const { document, undecided } = pin('Do it', data, [task('task1', 'any', { any: value })]);
    expect(document.tasks[0]?.input).toEqual({ any: value });
    return undecided;
  };
  it.each([
    ['a text of two characters', { a: 'ab' }, 'ab'],
    ['a number of two digits', { a: 42 }, 42],
    ['a number that was submitted as text', { a: '250' }, 250],
    ['a boolean', { a: true }, true],
    ['a text that only contains it', { a: 'A-17' }, 'order A-17'],
    ['an object', { a: { b: 'long enough' } }, { b: 'long enough' }],
    ['a field that cannot be referred to', { 'a b': 'A-17' }, 'A-17'],
  ])('%s', (_, data, value) => {
    expect(kept(data, value)).toEqual([]);
  });

  it('when it matches several fields, which is reported', () => {
    expect(kept({ from: 'Rome', to: 'Rome' }, 'Rome')).toEqual([{ value: 'Rome', fields: ['from', 'to'] }]);
  });
});

describe('constants of the plan', () => {
  const refund = (action: string) =>
    pin(
      action,
      { orderId: 'A-17' },
      [task('task1', 'refunds', { order: '$task0.orderId', percent: '$task0.percent', tag: '$task0.tag' })],
      { percent: 20, tag: 'eu' },
    );

  it('are fields if the action contains them, otherwise literals', () => {
    const { document, fixed } = refund('Refund 20 percent of A-17');
    expect(document.action).toBe('Refund {percent} percent of {orderId}');
    expect(document.tasks[0]?.input).toEqual({ order: '$task0.orderId', percent: '$task0.percent', tag: 'eu' });
    expect(document.input).toMatchObject({
      properties: { orderId: text, percent: { type: 'number' } },
      required: ['orderId', 'percent'],
    });
    expect(fixed).toEqual([{ name: 'tag', value: 'eu' }]);
  });
});

describe('the data', () => {
  const schemaOf = (data: Record<string, unknown>, ...tasks: PlannedTaskView[]) =>
    pin('Do it', data, tasks).document.input;
  const flow = (field: string, ...specs: object[]) =>
    schemaOf(
      { [field]: 'v' },
      ...specs.map((spec, i) => task(`task${i + 1}`, 'any', { any: `$task0.${field}` }, object({ any: spec }))),
    )['properties'];

  it('has the keywords that all uses of a field agree on', () => {
    const a = { type: 'string', description: 'Product', enum: ['v', 'w'], maxLength: 9 };
    expect(flow('f', a, a)).toEqual({ f: a });
    expect(flow('f', a, { type: 'string', description: 'Item', enum: ['v', 'w'] })).toEqual({
      f: { type: 'string', enum: ['v', 'w'], maxLength: 9 },
    });
    expect(flow('f', { type: 'integer' }, { type: 'number', minimum: 3 })).toEqual({
      f: { type: 'integer', minimum: 3 },
    });
    // They contradict each other: the submitted value decides.
    expect(flow('f', { type: 'number' }, { type: 'boolean' })).toEqual({ f: { type: 'string' } });
  });

  it('does not require fields that only optional inputs use', () => {
    const spec = object({ any: text, note: text }, ['any']);
    const one = task('task1', 'any', { any: '$task0.a', note: '$task0.b' }, spec);
    expect(schemaOf({ a: 'x', b: 'y', unused: 1 }, one)).toMatchObject({ required: ['a'] });
  });

  it('has objects with the referenced members, and `additionalProperties` for members of any name', () => {
    const tags = { type: 'object', properties: { '<key>': text } };
    const spec = object({ line: { type: 'string', maxLength: 40 }, tags }, ['line']);
    const one = task('task1', 'any', { line: '$task0.to.lines.0', tags: '$task0.tags' }, spec);
    expect(schemaOf({ to: { lines: ['a'], floor: 2 }, tags: { a: 'b' }, gone: null }, one)).toEqual({
      type: 'object',
      properties: {
        to: {
          type: 'object',
          properties: {
            lines: { type: 'array', items: { type: 'string', maxLength: 40 } },
            floor: { type: 'number' },
          },
          required: ['lines'],
        },
        tags: { type: 'object', additionalProperties: text },
        gone: {},
      },
      required: ['to'],
    });
  });

  it('may be empty', () => {
    expect(schemaOf({}, task('task1', 'any', { any: 'x' }))).toEqual({ type: 'object', properties: {} });
  });
});

it('tasks are ordered and numbered by their dependencies, the result last', () => {
  const { document, renamed } = pin('Do it', {}, [
    task('ship', 'shipping', { any: '$hold.id' }),
    task('notify', 'mail', { any: '$hold.id' }),
    task('hold', 'stock', { any: 'x' }),
    task('log', 'log', { any: 'y' }),
  ]);
  expect(document.tasks.map(({ id, service, input }) => [id, service, input['any']])).toEqual([
    ['task1', 'stock', 'x'],
    ['task2', 'shipping', '$task1.id'],
    ['task3', 'mail', '$task1.id'],
    ['task4', 'log', 'y'],
  ]);
  expect(document.description).toBe('Runs stock and log, then shipping and mail');
  expect(renamed).toEqual([
    { from: 'hold', to: 'task1' },
    { from: 'ship', to: 'task2' },
    { from: 'notify', to: 'task3' },
    { from: 'log', to: 'task4' },
  ]);
});

it('an input that a defined plan omits is omitted', () => {
  const { document } = pin('Do it', { 'a.b': 'x' }, [
    task('task1', 'any', { any: '$task0.a.b', note: '$task0.note', list: ['$task0.note'] }),
  ]);
  expect(document.tasks[0]?.input).toEqual({ any: '$task0.a.b', list: [null] });
});

it('a plan that cannot be saved is an error with a reason', () => {
  expect(() => pin('Ship {what}', {}, [task('task1', 'any', { any: 'x' })])).toThrow(/the action has \{what\}/);
  const twin = { ...task('task2', 'any', { any: 'y' }), service: 's_other' };
  expect(() => pin('Do it', {}, [task('task1', 'any', { any: 'x' }), twin])).toThrow(/two services named any/);
  expect(() => pinPlan({ name: 'n', action: 'x', data: {}, preview: { outcome: 'invalid' } })).toThrow(
    /no plan to save/,
  );
});

it('a plan with a sensitive literal, which the engine does not show, is not saved', () => {
  expect(() => pin('Charge 4111', {}, [task('task1', 'charges', { card: { number: '[sensitive]' } })])).toThrow(
    'card.number of task1 (charges) is a sensitive value from the action, which the engine does not show',
  );
});
