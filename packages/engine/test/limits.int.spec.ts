/** What one request or project can store (E8): above a limit, the response is 400 and names the member and the limit. */
import type { EngineClient } from './support/engine-client';
import { withEngine } from './support/with-engine';

const SPEC = { type: 'object', properties: { value: { type: 'string' } } };
const KEY = 'k'.repeat(32);
const service = (changes: object): object => ({
  name: 'worker',
  description: 'works',
  schema: { input: SPEC, output: SPEC },
  ...changes,
});
const wide = {
  type: 'object',
  properties: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`p${n}`, { type: 'string' }])),
};
const plan = (changes: object): object => ({
  name: 'ship',
  action: 'Ship {order}',
  input: { type: 'object', properties: { order: { type: 'string' } } },
  plan: { tasks: [{ id: 'task1', service: 'worker', input: { value: '$task0.order' } }] },
  ...changes,
});
const submission = (metadata: object): object => ({
  action: { type: 'order', content: 'Ship' },
  plan: { tasks: [{ id: 'task1', service: 'worker', input: { value: 'x' } }] },
  metadata,
});

let client: EngineClient;
beforeAll(async () => {
  client = (await withEngine({ lifetime: 'file' })).client;
  expect((await client.ask('POST', '/register/service', service({}))).status).toBe(200);
});

type Row = [what: string, method: string, path: string, body: object, param: string, size: number, limit: number];
const rows: Row[] = [
  ['name of a project', 'POST', '/register/project', { name: 'x'.repeat(201) }, 'name', 201, 200],
  [
    'number of keys',
    'POST',
    '/register/project',
    { additionalAPIKeys: Array.from({ length: 11 }, (_, n) => `${KEY}${n}`) },
    'additionalAPIKeys',
    11,
    10,
  ],
  ['short key', 'POST', '/register/project', { additionalAPIKeys: [KEY.slice(1)] }, 'additionalAPIKeys[0]', 31, 32],
  [
    'long key',
    'POST',
    '/register/project',
    { additionalAPIKeys: [KEY, 'k'.repeat(257)] },
    'additionalAPIKeys[1]',
    257,
    256,
  ],
  [
    'URL of a webhook',
    'POST',
    '/register/project',
    { webhooks: [`http://a/${'x'.repeat(2040)}`] },
    'webhooks[0]',
    2049,
    2048,
  ],
  [
    'description of a service',
    'POST',
    '/register/service',
    service({ description: 'x'.repeat(10_001) }),
    'description',
    10_001,
    10_000,
  ],
  [
    'schema of a service',
    'POST',
    '/register/service',
    service({ schema: { input: wide, output: SPEC } }),
    'schema',
    JSON.stringify({ input: wide, output: SPEC }).length,
    262_144,
  ],
  [
    'capabilities of a service',
    'POST',
    '/register/agent',
    service({ capabilities: ['x'.repeat(16_384)] }),
    'capabilities',
    16_388,
    16_384,
  ],
  [
    'description of a plan',
    'PUT',
    '/plans/ship',
    plan({ description: 'x'.repeat(10_001) }),
    'description',
    10_001,
    10_000,
  ],
  ['metadata', 'POST', '/orchestrations', submission({ note: 'x'.repeat(16_384) }), 'metadata', 16_395, 16_384],
];

it.each(rows)('%s', async (_, method, path, body, param, size, limit) => {
  const { status, body: answer } = await client.ask(method, path, body);
  expect([status, answer.error.kind, answer.error.param]).toEqual([400, 'input validation error', param]);
  expect(answer.error.message).toMatch(new RegExp(`: has ${size} .*the (maximum|minimum) is ${limit}\\b`));
});

it('what is at its limit is accepted', async () => {
  const keys = Array.from({ length: 10 }, (_, n) => `${KEY.slice(1)}${n}`);
  const project = { name: 'x'.repeat(200), additionalAPIKeys: keys };
  expect((await client.ask('POST', '/register/project', project)).status).toBe(201);
  const described = service({ name: 'described', description: 'x'.repeat(10_000) });
  expect((await client.ask('POST', '/register/service', described)).status).toBe(200);
  expect((await client.ask('POST', '/orchestrations', submission({ note: 'x'.repeat(16_373) }))).status).toBe(202);
});

it('a project has a maximum of keys', async () => {
  const one = (await withEngine()).client;
  for (let count = 1; count < 100; count++) expect((await one.ask('POST', '/apikeys')).status).toBe(201);
  const { status, body } = await one.ask('POST', '/apikeys');
  expect([status, body.error.message]).toEqual([400, 'api keys: the project has 100, the maximum is 100']);
});

it('a project has a maximum of services; those that it has can be updated', async () => {
  const one = (await withEngine()).client;
  const register = (changes: object) => one.ask('POST', '/register/service', service({ identity: 'name', ...changes }));
  for (let count = 0; count < 1_000; count += 100) {
    const batch = Array.from({ length: 100 }, (_, n) => register({ name: `worker-${count + n}` }));
    expect(new Set((await Promise.all(batch)).map(({ status }) => status))).toEqual(new Set([200]));
  }
  const { status, body } = await register({ name: 'one-more' });
  expect([status, body.error.message]).toEqual([400, 'services: the project has 1000, the maximum is 1000']);
  expect((await register({ name: 'worker-7' })).body).toMatchObject({ name: 'worker-7', version: 2 });
});
