/** Effects of groundings on orchestrations, over HTTP with real storage. */
import type { FakeService } from '@orra-ts/fakes';
import type { Engine } from '../src';
import { EngineClient, type Answer, completeTask, connectService } from './support/engine-client';
import { withEngine, type TestEngine } from './support/with-engine';

let engine: Engine;
let client: EngineClient;
let stock: FakeService;
let running: TestEngine;

const restart = async (): Promise<void> => {
  running = await running.restart();
  ({ engine, client } = running);
};
beforeEach(async () => {
  running = await withEngine({ persistent: true });
  ({ engine, client } = running);
  stock = await connectService(client, 'stock');
});

const USE_CASE = {
  action: 'Hold {value}',
  params: { value: 'o-1' },
  capabilities: ['does stock'],
  intent: 'kept aside',
};
const GROUNDING = {
  name: 'orders',
  domain: 'shop',
  version: '1.0',
  useCases: [USE_CASE],
  constraints: ['Never more than is in stock'],
};
const HIT = {
  name: 'orders',
  domain: 'shop',
  version: '1.0',
  useCases: { ...USE_CASE, params: { value: 'A-17' } },
  constraints: ['Never more than is in stock'],
  coverage: [{ capability: 'does stock', service: 'stock', by: 'words' }],
};
const PLAN = { tasks: [{ id: 'task1', service: 'stock', input: { value: '$task0.value' } }] };

const apply = async (changes: object = {}): Promise<void> => {
  expect((await client.ask('POST', '/groundings', { ...GROUNDING, ...changes })).status).toBe(201);
};
const beStrict = async (): Promise<void> => {
  const { status, body } = await client.ask('PUT', '/settings', { groundings: 'strict' });
  expect([status, body]).toEqual([200, { groundings: 'strict' }]);
};
/** Submits with an explicit plan, unless it is null. */
const submit = (content: string, plan: object | null = PLAN): Promise<Answer> =>
  client.ask('POST', '/orchestrations', { action: { content }, data: [{ field: 'value', value: 'A-17' }], plan });
const define = async (action: string): Promise<void> => {
  const input = { type: 'object', properties: { value: { type: 'string' } } };
  const { status } = await client.ask('PUT', '/plans/hold', { name: 'hold', action, input, plan: PLAN });
  expect(status).toBe(200);
};
/** The error of the newest failed orchestration. */
const failed = async (): Promise<string> => (await client.ask('GET', '/orchestrations')).body.failed[0].id as string;

describe('groundings guide by default', () => {
  it('an action that matches a use case is returned and inspected with it, and with the covered capabilities', async () => {
    await apply();
    const { status, body } = await submit('hold A-17');
    expect([status, body.groundingHit]).toEqual([202, HIT]);
    await completeTask(stock, await stock.nextRequest(), 'x');
    expect(await client.inspect(body.id as string)).toMatchObject({ status: 'completed', groundingHit: HIT });
  });

  it('they reject no action and no plan from any source', async () => {
    await apply({ useCases: [{ ...USE_CASE, capabilities: ['sails', 'does stock'] }] });
    await define('Hold {value} for me');
    const other = await submit('Paint the house');
    expect([other.status, other.body.groundingHit]).toEqual([202, undefined]);
    expect((await submit('Hold A-17 for me', null)).status).toBe(202);
    const uncovered = await submit('Hold A-17');
    expect([uncovered.status, uncovered.body.groundingHit.coverage]).toEqual([202, HIT.coverage]);
  });

  it('an action that cannot be planned is inspected with its grounding', async () => {
    await apply();
    const { status } = await submit('Hold A-17', null);
    expect(status).toBe(400);
    const [{ id }] = (await client.ask('GET', '/orchestrations')).body.notActionable;
    const { coverage: _, ...hit } = HIT;
    expect((await client.inspect(id as string)).groundingHit).toEqual(hit);
  });

  it('a preview shows the grounding', async () => {
    await apply();
    const preview = { action: { content: 'Hold A-17' }, data: [{ field: 'value', value: 'A-17' }], plan: PLAN };
    const { body } = await client.ask('POST', '/plans', preview);
    expect(body).toMatchObject({ outcome: 'planned', groundingHit: HIT });
  });

  it('an orchestration keeps the version it was planned with, after that is replaced or removed and after a restart', async () => {
    await apply();
    const first = (await submit('Hold A-17')).body.id as string;
    await apply({ version: '2.0', constraints: [] });
    const second = (await submit('Hold A-17')).body.id as string;
    await client.ask('DELETE', '/groundings');
    const third = (await submit('Hold A-17')).body.id as string;
    for (const engineIs of ['the same', 'the next']) {
      if (engineIs === 'the next') await restart();
      expect((await client.inspect(first)).groundingHit).toEqual(HIT);
      expect((await client.inspect(second)).groundingHit).toEqual({ ...HIT, version: '2.0', constraints: [] });
      expect((await client.inspect(third)).groundingHit).toBeUndefined();
    }
  });
});

describe('groundings that are strict', () => {
  beforeEach(beStrict);

  it('have no effect in a project without one', async () => {
    expect((await submit('Paint the house')).status).toBe(202);
  });

  it('reject an action that matches no use case, with any plan', async () => {
    await apply();
    await define('Paint the house');
    for (const plan of [PLAN, null]) {
      const { status, body } = await submit('Paint the house', plan);
      expect([status, body.error]).toEqual([
        500,
        {
          kind: 'unanticipated error',
          code: 'Orra:ActionCannotExecute',
          message: expect.stringMatching(
            /^cannot match grounding specs against orchestration action: no matching use-case found/,
          ),
        },
      ]);
      const inspection = await client.inspect(await failed());
      expect(inspection).toMatchObject({ status: 'failed', action: 'Paint the house', error: body.error.message });
      expect(inspection.groundingHit).toBeUndefined();
    }
  });

  it('reject a plan from any source that does not cover what its use case requires', async () => {
    await apply({ useCases: [{ ...USE_CASE, capabilities: ['sails'] }] });
    await define('Hold {value}');
    for (const plan of [PLAN, null]) {
      const { status, body } = await submit('Hold A-17', plan);
      expect([status, body.error.code]).toEqual([500, 'Orra:ActionCannotExecute']);
      expect(body.error.message).toMatch(/^execution plan is invalid against domain: no service .*"sails".* stock /);
      expect(await client.inspect(await failed())).toMatchObject({
        status: 'failed',
        planProblems: [{ message: expect.stringContaining('"sails"') }],
        groundingHit: { name: 'orders', constraints: GROUNDING.constraints, coverage: [] },
      });
    }
  });

  it('name the other service that would cover it', async () => {
    await apply({ useCases: [{ ...USE_CASE, capabilities: ['does boats'] }] });
    await (await connectService(client, 'boat')).close();
    const { body } = await submit('Hold A-17');
    expect(body.error.message).toContain('"does boats", which the use case requires; it would be covered by boat.');
  });

  it('accept an action that matches and a plan that covers it', async () => {
    await apply();
    await define('Hold {value}');
    for (const plan of [PLAN, null]) {
      const { status, body } = await submit('Hold A-17', plan);
      expect([status, body.groundingHit]).toEqual([202, HIT]);
    }
  });

  it('stay strict after a restart, until the mode is set to guide again', async () => {
    await apply();
    await restart();
    expect((await submit('Paint the house')).status).toBe(500);
    await client.ask('PUT', '/settings', { groundings: 'guide' });
    await restart();
    expect((await client.ask('GET', '/settings')).body).toEqual({ groundings: 'guide' });
    expect((await submit('Paint the house')).status).toBe(202);
  });

  it('apply only to their own project', async () => {
    await apply();
    const others = await EngineClient.of(engine, 'other');
    expect((await others.ask('GET', '/settings')).body).toEqual({ groundings: 'guide' });
    await connectService(others, 'stock');
    await others.ask('POST', '/groundings', GROUNDING);
    expect(await others.submit('stock')).toMatch(/^o_/);
  });
});

describe('settings', () => {
  it('can be set when a project is registered', async () => {
    const registered = await client.ask('POST', '/register/project', {
      name: 'careful',
      settings: { groundings: 'strict' },
    });
    expect(registered.status).toBe(201);
    const careful = new EngineClient(engine.url, registered.body.apiKey as string);
    expect((await careful.ask('GET', '/settings')).body).toEqual({ groundings: 'strict' });
  });

  it('that are omitted stay unchanged', async () => {
    await beStrict();
    expect((await client.ask('PUT', '/settings', {})).body).toEqual({ groundings: 'strict' });
  });

  it.each([
    ['another mode', { groundings: 'lax' }, 'groundings'],
    ['null', { groundings: null }, 'groundings'],
    ['an unknown name', { grounding: 'strict' }, 'grounding'],
    ['a list', [], undefined],
    ['invalid JSON', '{', undefined],
  ])('with %s are rejected, and nothing changes', async (_, change, param) => {
    const { status, body } = await client.ask('PUT', '/settings', change);
    expect([status, body.error.kind, body.error.param]).toEqual([400, 'input validation error', param]);
    expect((await client.ask('GET', '/settings')).body).toEqual({ groundings: 'guide' });
    if (typeof change !== 'string') {
      expect((await client.ask('POST', '/register/project', { name: 'careful', settings: change })).status).toBe(400);
    }
  });

  it('require a key', async () => {
    const nobody = new EngineClient(engine.url, '');
    expect((await nobody.ask('GET', '/settings')).status).toBe(403);
    expect((await nobody.ask('PUT', '/settings', { groundings: 'strict' })).status).toBe(403);
  });
});
