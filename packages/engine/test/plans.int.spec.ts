/** Defined plans over HTTP: versions, removal, and plans whose services change. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Engine } from '../src';
import { openSqlDatabase } from '../src/storage/sql-driver';
import { EngineClient, connectService } from './support/engine-client';
import { pluck, type Json } from './support/json';
import { temporaryFolder, withEngine, type TestEngine } from './support/with-engine';

const TEXT = { type: 'string' };
const object = (properties: object, ...required: string[]): object => ({ type: 'object', properties, required });
const PLAN = {
  name: 'ship-order',
  action: 'Ship order {orderId}',
  input: object({ orderId: TEXT }, 'orderId'),
  plan: {
    tasks: [
      { id: 'task1', service: 'stock', input: { value: '$task0.orderId' } },
      { id: 'task2', service: 'parcels', input: { value: '$task1.value' } },
    ],
  },
};

let engine: Engine;
let client: EngineClient;
let running: TestEngine;
const restart = async (): Promise<void> => {
  running = await running.restart();
  ({ engine, client } = running);
};
beforeEach(async () => {
  running = await withEngine({ persistent: true });
  ({ engine, client } = running);
});

const register = async (name: string, input: object, output: object): Promise<void> => {
  const body = { name, description: `does ${name}`, identity: 'name', capabilities: [], schema: { input, output } };
  expect((await client.ask('POST', '/register/service', body)).status).toBe(200);
};
const VALUE = object({ value: TEXT }, 'value');
const registerBoth = async (): Promise<void> => {
  await register('stock', VALUE, VALUE);
  await register('parcels', VALUE, VALUE);
};
const put = async (change: object = {}): Promise<Json> =>
  (await client.ask('PUT', '/plans/ship-order', { ...PLAN, ...change })).body;
const get = async (query = ''): Promise<Json> => (await client.ask('GET', `/plans/ship-order${query}`)).body;
const listed = async (): Promise<Json> => (await client.ask('GET', '/plans')).body;
const submission = { action: { content: 'ship order A-17!' } };
const preview = async (): Promise<Json> => (await client.ask('POST', '/plans', submission)).body;

describe('versions', () => {
  it('are numbered, never change, and stay readable after a restart', async () => {
    await registerBoth();
    expect(await put()).toEqual({ ...PLAN, version: 1, createdAt: expect.any(String) });
    expect(await put()).toMatchObject({ version: 1, unchanged: true });
    const second = await put({ description: 'other' });
    expect(second).toMatchObject({ version: 2, description: 'other' });
    expect(second).not.toHaveProperty('unchanged');
    expect(await put()).toMatchObject({ version: 3 });
    const before = await get();
    expect(before).toMatchObject({ version: 3, versions: [{ version: 3 }, { version: 2 }, { version: 1 }] });
    expect(before.versions[1]).toEqual({ ...second });
    await restart();
    expect(await get()).toEqual(before);
    expect((await get('?before=3')).versions).toEqual(before.versions.slice(1));
    expect((await get('?before=1')).versions).toEqual([]);
    expect((await client.ask('GET', '/plans/ship-order?before=x')).body.error).toMatchObject({ param: 'before' });
  });

  it('that ran are shown by the orchestration that ran them, even after later versions', async () => {
    const stock = await connectService(client, 'stock');
    await registerBoth();
    await put();
    await put({ description: 'second' });
    const { status, body } = await client.ask('POST', '/orchestrations', submission);
    const planSource = { kind: 'defined', name: 'ship-order', version: 2 };
    expect([status, body.planSource]).toEqual([202, planSource]);
    await put({ description: 'third' });
    await restart();
    expect((await client.inspect(body.id)).planSource).toEqual(planSource);
    await stock.close();
  });

  it('of a new plan that does not fit yet report what is missing', async () => {
    await register('stock', VALUE, VALUE);
    const answer = await put();
    expect(answer).toMatchObject({ version: 1, problems: [{ taskId: 'task2', field: 'service' }] });
    expect(answer).not.toHaveProperty('stale');
    await register('parcels', VALUE, VALUE);
    expect((await listed())[0]).not.toHaveProperty('problems');
  });

  it('with parallel reverts are another version, and run with them', async () => {
    await registerBoth();
    await put();
    const parallel = { plan: { ...PLAN.plan, compensation: 'parallel' } };
    expect(await put(parallel)).toMatchObject({ version: 2, ...parallel });
    expect(await put(parallel)).toMatchObject({ version: 2, unchanged: true });
    expect((await preview()).plan.compensation).toBe('parallel');
    const { body } = await client.ask('POST', '/orchestrations', submission);
    expect(body.plan.compensation).toBe('parallel');
    expect(await put()).toMatchObject({ version: 3 });
    expect((await preview()).plan).not.toHaveProperty('compensation');
    const serial = await client.ask('PUT', '/plans/ship-order', {
      ...PLAN,
      plan: { ...PLAN.plan, compensation: 'serial' },
    });
    expect([serial.status, serial.body.error.message]).toEqual([
      400,
      '/plan/compensation: Expected one of "parallel", null, found "serial"',
    ]);
  });

  it('are rejected with every problem and its place', async () => {
    const tasks = [
      { id: 'task1', service: 'stock', input: { value: '$task9.x' } },
      { id: 'task1', service: 'stock', input: { value: 'x' } },
    ];
    const { status, body } = await client.ask('PUT', '/plans/ship-order', {
      ...PLAN,
      action: 'ship {a} '.repeat(51),
      plan: { tasks },
    });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ kind: 'input validation error', param: 'plan' });
    expect(pluck(body.error.problems, 'field')).toEqual(expect.arrayContaining(['action', 'id', 'input.value']));
    expect(body.error.message).toMatch(/action: has 51 \{params\}, at most 50 are allowed/);
    const long = await client.ask('PUT', '/plans/ship-order', { ...PLAN, action: 'a'.repeat(2_001) });
    expect([long.status, long.body.error.message]).toEqual([
      400,
      expect.stringMatching(/action: has 2001 characters, at most 2000 are allowed; values that differ .* in the data/),
    ]);
    expect((await client.ask('GET', '/plans')).body).toEqual([]);
  });
});

describe('a plan that is removed', () => {
  it('matches no action, stays readable, and continues its versions when it is registered again', async () => {
    await registerBoth();
    await put();
    await put({ description: 'second' });
    expect(await client.ask('DELETE', '/plans/ship-order')).toMatchObject({ status: 204, text: '' });
    for (const moment of ['now', 'after a restart']) {
      expect([moment, await listed()]).toEqual([moment, []]);
      expect(await preview()).toMatchObject({ outcome: 'not_actionable' });
      expect(await get()).toMatchObject({
        retiredAt: expect.stringContaining('T'),
        versions: [{ version: 2, retiredAt: expect.any(String) }, { version: 1 }],
      });
      await restart();
    }
    expect((await client.ask('DELETE', '/plans/ship-order')).status).toBe(204);
    const again = await put({ description: 'second' });
    expect(again).toMatchObject({ version: 3 });
    expect(again).not.toHaveProperty('unchanged');
    expect(await preview()).toMatchObject({ outcome: 'planned', source: { version: 3 } });
    expect(await get()).not.toHaveProperty('retiredAt');
  });

  it.each(['GET', 'DELETE'])(
    'has to be there: %s of an unknown name, or of another project’s, is a 400',
    async (method) => {
      await put();
      client = await EngineClient.of(engine, 'other');
      const { status, body } = await client.ask(method, '/plans/ship-order');
      expect([status, body.error]).toEqual([
        400,
        { kind: 'item does not exist', code: 'Orra:UnknownPlan', param: 'name', message: 'unknown plan: ship-order' },
      ]);
    },
  );
});

describe('a plan whose service has changed', () => {
  const COUNTED = object({ value: TEXT, count: { type: 'integer' } }, 'value', 'count');

  it('in a part that it relies on is stale: it is shown as stale, and its action is rejected with the changes and the remedy', async () => {
    await registerBoth();
    await put();
    await register('stock', COUNTED, object({ value: { type: 'integer' } }, 'value'));
    const stale = [
      {
        taskId: 'task1',
        field: 'input.count',
        message: 'was absent, is required ({"type":"integer"}) (input of stock)',
      },
      { taskId: 'task2', field: 'input.value', message: '"value" type was "string", is "integer" (output of stock)' },
    ];
    for (const moment of ['now', 'after a restart']) {
      expect([moment, await listed()]).toEqual([moment, [expect.objectContaining({ version: 1, stale })]]);
      expect(await get()).toMatchObject({ version: 1, stale });
      expect(await preview()).toMatchObject({ outcome: 'invalid', problems: stale });
      await restart();
    }
    const { status, body } = await client.ask('POST', '/orchestrations', submission);
    expect([status, body.error.code]).toEqual([400, 'Orra:ActionCannotExecute']);
    expect(body.error.message).toBe(
      'version 1 of the plan "ship-order" is stale, because services changed after it was registered: ' +
        'task1.input.count: was absent, is required ({"type":"integer"}) (input of stock); ' +
        'task2.input.value: "value" type was "string", is "integer" (output of stock). ' +
        'Review the plan and register it again: restart the application that defines it, or run `orra plans apply`',
    );
    const [{ id }] = (await client.ask('GET', '/orchestrations')).body.failed;
    expect(await client.inspect(id)).toMatchObject({ status: 'failed', planProblems: stale });
  });

  it('is no longer stale when the service is restored', async () => {
    await registerBoth();
    await put();
    await register('stock', COUNTED, VALUE);
    expect(await preview()).toMatchObject({ outcome: 'invalid' });
    await register('stock', VALUE, VALUE);
    expect(await preview()).toMatchObject({ outcome: 'planned', source: { version: 1 } });
  });

  it('only by additions still runs, and keeps its version', async () => {
    await registerBoth();
    await put();
    await register('stock', object({ value: TEXT, note: TEXT }, 'value'), object({ value: TEXT, more: TEXT }, 'value'));
    expect((await listed())[0]).not.toHaveProperty('stale');
    expect(await preview()).toMatchObject({ outcome: 'planned', source: { version: 1 } });
    expect(await put()).toMatchObject({ version: 1, unchanged: true });
  });

  it('becomes the next version when the same content is registered again and still fits', async () => {
    await registerBoth();
    await put();
    await register('stock', object({ value: { ...TEXT, maxLength: 9 } }, 'value'), VALUE);
    expect(await preview()).toMatchObject({ outcome: 'invalid' });
    const again = await put();
    expect(again).toMatchObject({ version: 2 });
    expect(again).not.toHaveProperty('stale');
    expect(await preview()).toMatchObject({ outcome: 'planned', source: { version: 2 } });
    expect(await put()).toMatchObject({ version: 2, unchanged: true });
  });

  it('stays stale, of the same version, when the same content no longer fits', async () => {
    await registerBoth();
    await put();
    await register('stock', COUNTED, VALUE);
    expect(await put()).toMatchObject({
      version: 1,
      unchanged: true,
      stale: [{ taskId: 'task1', field: 'input.count' }],
      problems: [{ taskId: 'task1', field: 'input.count', message: expect.stringContaining('is required') }],
    });
    const [task, ...others] = PLAN.plan.tasks;
    const plan = { tasks: [{ ...task, input: { ...task?.input, count: 1 } }, ...others] };
    expect(await put({ plan })).toMatchObject({ version: 2 });
    expect(await preview()).toMatchObject({ outcome: 'planned' });
  });

  it('relies on a later service only from the registration on that sees it', async () => {
    await register('stock', VALUE, VALUE);
    await put();
    await register('parcels', object({ value: TEXT }), VALUE);
    // The plan was not registered since, so no change is known.
    await register('parcels', VALUE, VALUE);
    expect(await preview()).toMatchObject({ outcome: 'planned' });
    expect(await put()).toMatchObject({ version: 1, unchanged: true });
    await restart();
    await register('parcels', object({ value: { ...TEXT, pattern: '^A' } }, 'value'), VALUE);
    expect(await preview()).toMatchObject({
      outcome: 'invalid',
      problems: [{ taskId: 'task2', field: 'input.value', message: expect.stringContaining('pattern') }],
    });
  });

  it('that was removed, or shares its name with a new one, is stale too', async () => {
    await registerBoth();
    await put();
    const services = (await client.ask('GET', '/services')).body as { id: string; name: string }[];
    const { id } = services.find(({ name }) => name === 'stock') ?? {};
    const schema = { input: VALUE, output: VALUE };
    const rename = (name: string): ReturnType<EngineClient['ask']> =>
      client.ask('POST', '/register/service', { id, name, description: 'x', schema });
    await rename('warehouse');
    expect(await get()).toMatchObject({
      stale: [{ taskId: 'task1', field: 'service', message: expect.stringContaining('is removed') }],
    });
    await rename('stock');
    expect(await get()).not.toHaveProperty('stale');
    await client.ask('POST', '/register/service', {
      name: 'stock',
      description: 'x',
      schema: { ...schema, input: COUNTED },
    });
    expect(await get()).toMatchObject({
      stale: [{ taskId: 'task1', field: 'service', message: expect.stringContaining('is ambiguous') }],
    });
  });
});

it('a project has a bounded number of plan names, including retired ones', async () => {
  const name = (index: number): string => `plan-${index}`;
  const register = (index: number): ReturnType<EngineClient['ask']> =>
    client.ask('PUT', `/plans/${name(index)}`, { ...PLAN, name: name(index) });
  for (let index = 0; index < 1_000; index++) expect((await register(index)).status).toBe(200);
  await client.ask('DELETE', '/plans/plan-0');
  const { status, body } = await register(1_000);
  expect([status, body.error.problems]).toEqual([
    400,
    [
      {
        field: 'name',
        message: 'the project has had plans with 1000 names, the maximum; use one of these names again',
      },
    ],
  ]);
  expect((await register(0)).body).toMatchObject({ version: 2 });
});

it('plans that were stored before pins existed are kept, and rely on what their next registration sees', async () => {
  const storage = temporaryFolder();
  const old = openSqlDatabase(path.join(storage, 'engine.db'));
  old.exec(readFileSync(path.join(__dirname, 'fixtures/storage-version-1.sql'), 'utf8'));
  const { project_id: projectId = '' } = old.prepare('SELECT project_id FROM api_keys LIMIT 1').get() ?? {};
  for (const version of [1, 2]) {
    const body = { ...PLAN, description: `of ${version}`, projectId, version, createdAt: version };
    const insert = old.prepare('INSERT INTO plans (project_id, name, version, body) VALUES (?, ?, ?, ?)');
    insert.run(projectId, PLAN.name, version, JSON.stringify(body));
  }
  old.close();
  ({ engine, client } = await withEngine({ storage, apiKey: 'old-key' }));
  const shipped = async (): Promise<Json> => (await listed()).find(({ name }: { name: string }) => name === PLAN.name);
  expect(await shipped()).toMatchObject({ version: 2, description: 'of 2' });
  expect(await get()).toMatchObject({ versions: [{ version: 2 }, { version: 1, description: 'of 1' }] });
  await registerBoth();
  await register('stock', object({ value: { ...TEXT, maxLength: 5 } }, 'value'), VALUE);
  expect(await preview()).toMatchObject({ outcome: 'planned', source: { version: 2 } });
  expect(await put({ description: 'of 2' })).toMatchObject({ version: 2, unchanged: true });
  await register('stock', object({ value: { ...TEXT, maxLength: 4 } }, 'value'), VALUE);
  expect(await get()).toMatchObject({ stale: [{ field: 'input.value' }] });
});
