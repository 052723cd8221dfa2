/** Cached plans of a model, and values that must never be reused. */
import { silentLogger } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import { modelReply } from '@orra-ts/fakes';
import type { ProjectId, ServiceRegistration } from '@orra-ts/protocol';
import { SqlitePlanCache } from '../src/planner/cache/sqlite-plan-cache';
import { openDatabase } from '../src/storage/open-database';
import { EngineClient, completeTask, connectService } from './support/engine-client';
import { LOOK_UP, PlannedEngine, SHIP_PLAN, SHOP, type PlannedEngineOptions } from './support/planned-engine';
import { temporaryFolder, withEngine } from './support/with-engine';

let shop: PlannedEngine;
const start = async (options?: PlannedEngineOptions): Promise<PlannedEngine> =>
  (shop = await PlannedEngine.start(options));

const SHIP = 'Ship the order';
const asked = (): number => shop.model.requests.length;
/** A plan with a literal value. */
const DELIVER = {
  tasks: [
    {
      id: 'task1',
      service: 'delivery',
      input: { reservationId: '$task0.orderId', address: '$task0.to', mode: 'fast' },
    },
  ],
} as const;

describe('a plan is made once', () => {
  beforeEach(() => start({ fake: { script: () => modelReply.plan(SHIP_PLAN) } }));

  it('for actions of the same words and data of the same form, with any values', async () => {
    const first = await shop.preview(SHIP, { orderId: 'A-17' });
    const second = await shop.submit('  ship the ORDER. ', { orderId: 'B-99' });
    expect([first.source, asked()]).toEqual([{ kind: 'model', model: 'm-1' }, 1]);
    expect(second.body).toMatchObject({ planSource: { kind: 'cache', model: 'm-1' }, taskZero: { orderId: 'B-99' } });
    expect(second.body.planning).toBeUndefined();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['another action', () => shop.preview('Ship the other order')],
    ['another field', () => shop.preview(SHIP, { orderId: 'A-17', note: 'x' })],
    ['fewer fields', () => shop.preview(SHIP, {})],
    ['another type', () => shop.preview(SHIP, { orderId: 17 })],
    [
      'another service',
      async () => {
        await shop.register({ ...SHOP[0], name: 'archive' });
        return shop.preview(SHIP);
      },
    ],
    [
      'another description of a service',
      async () => {
        await shop.register({ ...SHOP[0], description: 'Looks up orders and invoices', identity: 'name' });
        return shop.preview(SHIP);
      },
    ],
    [
      'another project',
      async () => {
        const other = await EngineClient.of(shop.engine, 'other');
        await other.ask('POST', '/register/service', SHOP[0]);
        return other.ask('POST', '/plans', { action: { content: SHIP }, data: [{ field: 'orderId', value: 'A-17' }] });
      },
    ],
  ])('not for %s', async (_, ask) => {
    await shop.preview(SHIP);
    const before = asked();
    await ask();
    expect(asked()).toBeGreaterThan(before);
  });
});

it('a plan with a literal value is used only for the exact same action', async () => {
  await start({ fake: { script: () => modelReply.plan(DELIVER) } });
  const data = { orderId: 'A-17', to: 'Paris' };
  await shop.preview('Deliver A-17 fast', data);
  expect((await shop.preview('Deliver A-17 fast', { orderId: 'B-99', to: 'Rome' })).source).toMatchObject({
    kind: 'cache',
  });
  expect((await shop.preview('deliver a-17 fast', data)).source).toMatchObject({ kind: 'model' });
});

it('plans with literal values are kept per spelling of the action', async () => {
  await start({ fake: { script: () => modelReply.plan(DELIVER) } });
  const data = { orderId: 'A-17', to: 'Paris' };
  for (const action of ['Deliver fast', 'Deliver fast.', 'Deliver fast', 'Deliver fast.'])
    await shop.preview(action, data);
  expect(asked()).toBe(2);
});

it('a plan that contains a submitted value is not cached', async () => {
  const inlined = { tasks: [{ ...LOOK_UP, input: { orderId: 'A-17' } }] };
  await start({ fake: { script: () => modelReply.plan(inlined) } });
  await shop.preview('Look up A-17', { orderId: 'A-17' });
  await shop.preview('Look up A-17', { orderId: 'A-17' });
  expect(asked()).toBe(2);
});

it('a cached plan is validated with the new values, and replaced if they do not fit', async () => {
  await start();
  const hold = { id: 'task1', service: 'inventory', input: { productId: '$task0.sku', quantity: '$task0.n' } };
  shop.model.enqueue(modelReply.plan({ tasks: [hold] }), modelReply.notActionable('none can be held'));
  expect((await shop.preview('Hold', { sku: 'x', n: 2 })).outcome).toBe('planned');
  expect(await shop.preview('Hold', { sku: 'x', n: 0 })).toMatchObject({ outcome: 'not_actionable' });
  expect((await shop.preview('Hold', { sku: 'x', n: 3 })).source).toMatchObject({ kind: 'cache' });
});

it('if values are shown to the model, a plan is cached for these values', async () => {
  await start({ model: { includeValues: true }, fake: { script: () => modelReply.plan(SHIP_PLAN) } });
  await shop.preview(SHIP, { orderId: 'A-17' });
  await shop.preview(SHIP, { orderId: 'B-99' });
  expect((await shop.preview(SHIP, { orderId: 'A-17' })).source).toMatchObject({ kind: 'cache' });
  expect(asked()).toBe(2);
});

it('plans are kept across restarts; another model makes its own', async () => {
  const folder = temporaryFolder();
  await start({ engine: { storage: folder }, fake: { script: () => modelReply.plan(SHIP_PLAN) } });
  await shop.preview(SHIP);
  await shop.engine.close();
  for (const [model, kind] of [
    ['m-1', 'cache'],
    ['m-2', 'model'],
  ] as const) {
    const { baseUrl } = shop.model;
    const { engine, client } = await withEngine({
      storage: folder,
      model: { model, baseUrl },
      apiKey: shop.client.key,
    });
    const body = { action: { content: SHIP }, data: [{ field: 'orderId', value: 'C-1' }] };
    expect((await client.ask('POST', '/plans', body)).body.source).toMatchObject({ kind });
    await engine.close();
  }
});

it('nothing is cached if the cache is disabled', async () => {
  await start({ engine: { planCacheSize: 0 }, fake: { script: () => modelReply.plan(SHIP_PLAN) } });
  await shop.preview(SHIP);
  await shop.preview(SHIP);
  expect(asked()).toBe(2);
});

describe('concurrent requests for the same plan', () => {
  const many = Array.from({ length: 200 }, (_, n) => `O-${n}`);
  /** Inputs of the delivery service, by the value of their orchestration. */
  const run = async (action: string): Promise<void> => {
    const { schema } = SHOP[2] as Pick<ServiceRegistration, 'schema'>;
    const service = await connectService(shop.client, 'delivery', { id: await idOf('delivery'), schema });
    const answers = await Promise.all(
      many.map((orderId) => shop.submit(action, { orderId, to: `street of ${orderId}` })),
    );
    for (const [n, { status, body }] of answers.entries()) {
      expect([status, body.taskZero]).toEqual([202, { orderId: many[n], to: `street of ${many[n]}` }]);
      expect(JSON.stringify(body)).not.toMatch(new RegExp(`O-(?!${n}\\b)`));
    }
    const given = new Map<unknown, unknown>();
    while (given.size < many.length) {
      const request = await service.nextRequest();
      const { reservationId, address } = request.input as Record<string, unknown>;
      given.set(reservationId, address);
      await completeTask(service, request, 'done');
    }
    expect([...given].every(([order, address]) => address === `street of ${String(order)}`)).toBe(true);
    await service.close();
  };
  const idOf = async (name: string): Promise<string> => {
    const { body } = await shop.client.ask('GET', '/services');
    return (body as unknown as { id: string; name: string }[]).find((service) => service.name === name)?.id ?? '';
  };

  it('share one planning of a plan without literals, and each of 200 gets its own values', async () => {
    const [{ id, service }] = DELIVER.tasks;
    const input = { reservationId: '$task0.orderId', address: '$task0.to' };
    await start({ fake: { script: () => modelReply.plan({ tasks: [{ id, service, input }] }) } });
    await run('Deliver it');
    expect(asked()).toBe(1);
  });

  it('do not share a plan that has the values of one of them', async () => {
    // A model that sees the values may do this in spite of the prompt.
    await start({
      model: { includeValues: true, maxConcurrentCalls: 50 },
      fake: {
        script: ({ prompt }) => {
          const orderId = /"orderId": string = "(O-\d+)"/.exec(prompt)?.[1] ?? '';
          const input = { reservationId: orderId, address: '$task0.to', mode: 'fast' };
          return modelReply.plan({ tasks: [{ id: 'task1', service: 'delivery', input }] });
        },
      },
    });
    await run('Deliver it');
    expect(asked()).toBe(200);
  });

  it('share one response if the data are the same, and a disconnect of one does not affect the others', async () => {
    let answer!: () => void;
    const until = new Promise<void>((resolve) => (answer = resolve));
    await start({ fake: { script: () => modelReply.slow(until, modelReply.notActionable('no')) } });
    const leaving = new AbortController();
    const headers = { authorization: `Bearer ${shop.client.key}` };
    const body = JSON.stringify({ action: { content: SHIP }, data: [{ field: 'orderId', value: 'A-17' }] });
    const gone = fetch(`${shop.engine.url}/plans`, { method: 'POST', headers, body, signal: leaving.signal });
    await shop.model.received(1);
    const staying = [shop.preview(SHIP), shop.preview(SHIP)];
    // They have joined once the engine has read their requests, which it does in order.
    await shop.client.ask('GET', '/health');
    leaving.abort();
    await expect(gone).rejects.toThrow();
    answer();
    expect((await Promise.all(staying)).map(({ reason }) => reason)).toEqual(['no', 'no']);
    expect(asked()).toBe(1);
  });

  it('call the model once per distinct request if they cannot share it', async () => {
    let answer!: () => void;
    const until = new Promise<void>((resolve) => (answer = resolve));
    await start({ fake: { script: () => modelReply.slow(until, modelReply.plan(DELIVER)) } });
    const first = shop.preview(SHIP, { orderId: 'A-17', to: 'x' });
    await shop.model.received(1);
    const others = Array.from({ length: 20 }, () => shop.preview(SHIP, { orderId: 'B-99', to: 'y' }));
    await shop.client.ask('GET', '/health');
    answer();
    await Promise.all([first, ...others]);
    expect(asked()).toBe(2);
  });

  it('get one failure together if the endpoint is down', async () => {
    let answer!: () => void;
    const until = new Promise<void>((resolve) => (answer = resolve));
    await start({ fake: { script: () => modelReply.slow(until, modelReply.status(401)) } });
    const first = shop.preview(SHIP, { orderId: 'A-17' });
    await shop.model.received(1);
    const second = shop.preview(SHIP, { orderId: 'B-99' });
    await shop.client.ask('GET', '/health');
    answer();
    expect((await Promise.all([first, second])).map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(asked()).toBe(1);
  });
});

it('the cache is bounded per project, and evicts the least recently used plan first', async () => {
  await start();
  const database = openDatabase({ storage: ':memory:' });
  const clock = new ManualClock();
  const cache = new SqlitePlanCache(database, { maxEntries: 2, clock, logger: silentLogger });
  const project = 'p_1' as ProjectId;
  const plan = { proposal: { tasks: [], constants: {}, capabilities: [] }, model: 'm' };
  const kept = (): string[] => ['a', 'b', 'c'].filter((key) => cache.get(project, key));
  cache.put(project, 'a', plan);
  await clock.advance(1_000);
  cache.put(project, 'b', plan);
  cache.put('p_2' as ProjectId, 'a', plan);
  await clock.advance(2 * 60 * 60_000);
  expect(cache.get(project, 'a')).toEqual(plan);
  cache.put(project, 'c', plan);
  expect(kept()).toEqual(['a', 'c']);
  database.prepare("UPDATE plan_cache SET body = '{' WHERE project_id = ? AND key = ?").run(project, 'c');
  expect([cache.get(project, 'c'), kept()]).toEqual([undefined, ['a']]);
  cache.put(project, 'c', plan);
  cache.remove(project, 'a');
  expect([kept(), cache.get('p_2' as ProjectId, 'a')]).toEqual([['c'], plan]);
  database.close();
});
