import type { HttpRequest } from '@orra-ts/common';
import type { Submission } from '@orra-ts/protocol';
import { createOrraClient } from './client';

const bodies: unknown[] = [];
const orra = createOrraClient({
  url: 'http://engine',
  apiKey: 'sk-orra-v1-a',
  transport: {
    request: ({ body }: HttpRequest) => {
      bodies.push(structuredClone(body));
      const plan = { tasks: [{ id: 'task1', service: 'echo', input: {}, service_name: 'echo' }] };
      return Promise.resolve({
        status: 202,
        headers: {},
        text: JSON.stringify({ id: 'o_1', status: 'pending', plan }),
      });
    },
  },
});
beforeEach(() => void (bodies.length = 0));
const last = () => bodies.at(-1) as Submission;

it('every call returns a new builder, so that a prepared one can be reused', async () => {
  const prepared = orra.action('Process order').with({ orderId: 'A-17' }).timeout('45s');
  prepared.with({ orderId: 'other' }).timeout('1s').metadata({ tenant: 'acme' });
  await prepared.submit();
  expect(last()).toEqual({
    action: { type: 'action', content: 'Process order' },
    data: [{ field: 'orderId', value: 'A-17' }],
    timeout: '45s',
  });
});

it('later fields and metadata add to earlier ones and replace those of the same name', async () => {
  await orra
    .action('x')
    .with({ a: 1, b: 2 })
    .with({ b: 3, c: 4 })
    .metadata({ a: '1', b: '2' })
    .metadata({ b: '3' })
    .submit();
  expect(last().data).toEqual([
    { field: 'a', value: 1 },
    { field: 'b', value: 3 },
    { field: 'c', value: 4 },
  ]);
  expect(last().metadata).toEqual({ a: '1', b: '3' });
});

it('data and plan are copied, so that later changes have no effect', async () => {
  const items = [{ sku: 'x' }];
  const plan = { tasks: [{ id: 'task1', service: 'echo', input: { n: 1 } }] };
  const prepared = orra.action('x').with({ items }).plan(plan);
  items.push({ sku: 'y' });
  plan.tasks[0]!.input.n = 2;
  await prepared.submit();
  expect(last().data).toEqual([{ field: 'items', value: [{ sku: 'x' }] }]);
  expect(last().plan?.tasks[0]?.input).toEqual({ n: 1 });
});

it('undefined members are omitted at every depth, null is kept, and dates are ISO strings', async () => {
  await orra
    .action('x')
    .with({ gone: undefined, none: null, deep: { gone: undefined, when: new Date(0) } })
    .submit();
  expect(last().data).toEqual([
    { field: 'none', value: null },
    { field: 'deep', value: { when: '1970-01-01T00:00:00.000Z' } },
  ]);
});

const cycle: { self?: unknown } = {};
cycle.self = cycle;
it.each([
  ['a function', () => 1, /`value`.*function/],
  ['a symbol inside', { deep: Symbol('s') }, /`value`.*symbol \(at `deep`\)/],
  ['a bigint', 1n, /`value`/],
  ['NaN', Number.NaN, /`value`.*NaN/],
  ['infinity inside a list', [Infinity], /`value`.*Infinity/],
  ['a cycle', cycle, /`value`/],
])('%s is rejected with the name of its field', (_, value, message) => {
  const give = () => orra.action('x').with({ value });
  expect(give).toThrow(message);
  expect(give).toThrow(expect.objectContaining({ code: 'ORRA_INVALID_REQUEST', details: { field: 'value' } }));
});

it('a list as data, an empty action, metadata that is not a string and an invalid duration are rejected by the call', () => {
  expect(() => orra.action('x').with([1])).toThrow('not an array');
  expect(() => orra.action(' ')).toThrow('describe the work');
  expect(() => orra.action('x').metadata({ n: 1 as never })).toThrow('`n` must be a string');
  expect(() => orra.action('x').timeout('soon' as never)).toThrow(/timeout.*soon/);
  expect(() => orra.action('x').healthGrace(-1)).toThrow(/healthGrace.*-1/);
});
