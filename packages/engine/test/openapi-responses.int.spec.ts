/** Real responses of every route, successes and errors, against the schemas in `/openapi.json`. */
import { silentLogger } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import { FakeModel, modelReply, type FakeService } from '@orra-ts/fakes';
import { createEngine, type Engine } from '../src';
import { ApiContract, type ReceivedResponse } from './support/api-contract';
import { completeTask, connectService, EngineClient } from './support/engine-client';
import type { Json } from './support/json';
import { SseClient } from './support/sse-client';

const MAX_BODY = 64 * 1024;
let engine: Engine;
let model: FakeModel;
let clock: ManualClock;
let client: EngineClient;
let stranger: EngineClient;
let contract: ApiContract;

beforeAll(async () => {
  model = await FakeModel.start();
  clock = new ManualClock();
  engine = await createEngine({
    port: 0,
    storage: ':memory:',
    logger: silentLogger,
    clock,
    maxBodyBytes: MAX_BODY,
    model: { model: 'm-1', baseUrl: model.baseUrl },
  });
  client = await EngineClient.of(engine);
  stranger = await EngineClient.of(engine, 'other');
  contract = new ApiContract((await client.ask('GET', '/openapi.json')).body as never);
});
afterAll(async () => {
  await engine.close();
  await model.close();
});

interface AskOptions {
  readonly body?: unknown;
  /** null: no header. @default the project's key */
  readonly auth?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request, and expects that the response has this status and keeps the contract. */
async function ask(status: number, method: string, target: string, options: AskOptions = {}): Promise<Json> {
  const { body, auth = `Bearer ${client.key}`, headers = {} } = options;
  const response = await fetch(engine.url + target, {
    method,
    headers: { ...headers, ...(auth === null ? {} : { authorization: auth }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const received: ReceivedResponse = {
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  };
  expect([received.status, received.text]).toEqual([status, received.text]);
  expect(contract.problems(method, target, received)).toEqual([]);
  return received.headers.get('content-type') === 'application/json' ? JSON.parse(received.text) : undefined;
}

const SPEC = { type: 'object', properties: { value: { type: 'string' } } };
const task = (id: string, service: string, from = 'task0'): object => ({
  id,
  service,
  input: { value: `$${from}.value` },
});
const submission = (content: string, tasks?: object[]): object => ({
  action: { type: 'order', content },
  data: [{ field: 'value', value: 'v' }],
  metadata: { tenant: 't1' },
  timeout: '30s',
  ...(tasks ? { plan: { tasks } } : {}),
});

describe('real responses keep the contract', () => {
  let stock: FakeService;
  let card: FakeService;
  beforeAll(async () => {
    stock = await connectService(client, 'stock', { timeoutMs: 5_000 });
    card = await connectService(client, 'card');
  });

  it('of health and the description itself', async () => {
    await ask(200, 'GET', '/health', { auth: null });
    await ask(200, 'GET', '/openapi.json', { auth: null });
  });

  it('of projects, services, agents and keys', async () => {
    const project = { name: 'shop', webhooks: ['http://127.0.0.1:9/a'], additionalAPIKeys: ['key-1'.repeat(8)] };
    await ask(201, 'POST', '/register/project', { auth: null, body: project });
    await ask(201, 'POST', '/register/project', { auth: null, body: { name: 'plain', settings: {} } });
    await ask(400, 'POST', '/register/project', { auth: null, body: { additionalAPIKeys: ['a b'] } });
    await ask(201, 'POST', '/register/project', { auth: null, body: project });
    const service = { name: 'echo', description: 'repeats', schema: { input: SPEC, output: SPEC } };
    await ask(200, 'POST', '/register/service', { body: service });
    await ask(200, 'POST', '/register/service', { body: { ...service, name: 'rich', capabilities: ['task-meta'] } });
    await ask(500, 'POST', '/register/service', { body: { ...service, schema: {} } });
    await ask(413, 'POST', '/register/service', { body: 'x'.repeat(MAX_BODY + 1) });
    await ask(200, 'POST', '/register/agent', { body: { ...service, name: 'thinker', timeoutMs: 60_000 } });
    await ask(400, 'POST', '/register/agent', { body: { name: 5 } });
    await ask(201, 'POST', '/apikeys');
    const services = await ask(200, 'GET', '/services');
    expect(services).toHaveLength(5);
  });

  it('of settings and webhooks', async () => {
    await ask(200, 'GET', '/settings');
    await ask(200, 'PUT', '/settings', { body: { groundings: 'guide' } });
    await ask(400, 'PUT', '/settings', { body: { groundings: 'loose' } });
    for (const target of ['/webhooks', '/compensation-failure-webhooks']) {
      await ask(201, 'POST', target, { auth: `Bearer ${stranger.key}`, body: { url: 'http://127.0.0.1:9/hook' } });
      await ask(400, 'POST', target, { body: { url: 'not a URL' } });
      await ask(400, 'POST', target, { body: '' });
    }
  });

  it('of groundings, and of an orchestration that one matches', async () => {
    const useCase = { action: 'Hold {value}', params: { value: 'o-1' }, capabilities: ['does stock'], intent: 'kept' };
    const grounding = { name: 'orders', domain: 'shop', version: '1.0', useCases: [useCase], constraints: ['enough'] };
    await ask(200, 'GET', '/groundings');
    await ask(500, 'DELETE', '/groundings/orders');
    await ask(201, 'POST', '/groundings', { body: grounding });
    await ask(400, 'POST', '/groundings', { body: grounding });
    await ask(400, 'POST', '/groundings', { body: {} });
    await ask(200, 'GET', '/groundings');
    const body = submission('Hold A-17', [task('task1', 'stock')]);
    const preview = await ask(200, 'POST', '/plans', { body });
    expect(preview.groundingHit.coverage).toHaveLength(1);
    const { id } = await ask(202, 'POST', '/orchestrations', { body });
    await completeTask(stock, await stock.nextRequest(), 'x');
    expect(await ask(200, 'GET', `/orchestrations/inspections/${id}`)).toHaveProperty('groundingHit');
    await ask(204, 'DELETE', '/groundings/orders');
    await ask(204, 'DELETE', '/groundings');
  });

  it('of defined plans and previews', async () => {
    const plan = {
      name: 'ship',
      action: 'Ship {value}',
      description: 'ships',
      input: SPEC,
      plan: { tasks: [task('task1', 'stock')] },
    };
    await ask(200, 'PUT', '/plans/ship', { body: plan });
    await ask(200, 'PUT', '/plans/ship', { body: plan });
    await ask(200, 'PUT', '/plans/ship', { body: { ...plan, description: 'ships it' } });
    await ask(400, 'PUT', '/plans/other', { body: plan });
    await ask(400, 'PUT', '/plans/ship', { body: '{' });
    const twice = { tasks: [task('task1', 'stock'), task('task1', 'stock')] };
    const invalid = await ask(400, 'PUT', '/plans/ship', { body: { ...plan, plan: twice } });
    expect(invalid.error.problems).not.toHaveLength(0);
    await ask(200, 'PUT', '/plans/stale', {
      body: { ...plan, name: 'stale', action: 'Sell {value}', plan: { tasks: [task('task1', 'later')] } },
    });
    await ask(200, 'GET', '/plans');
    const { versions } = await ask(200, 'GET', '/plans/ship?before=3');
    expect(versions).toHaveLength(2);
    await ask(400, 'GET', '/plans/ship?before=x');
    await ask(400, 'GET', '/plans/unknown');
    const defined = await ask(200, 'POST', '/plans', { body: { action: { content: 'Ship A-17' } } });
    expect(defined).toMatchObject({ outcome: 'planned', source: { kind: 'defined' }, constants: ['value'] });
    await ask(204, 'DELETE', '/plans/ship');
    await ask(400, 'DELETE', '/plans/unknown');
    const retired = await ask(200, 'GET', '/plans/ship');
    expect(retired).toHaveProperty('retiredAt');
    const bad = await ask(200, 'POST', '/plans', { body: submission('Ship', [task('t', 'no')]) });
    expect(bad).toMatchObject({ outcome: 'invalid' });
    await ask(400, 'POST', '/plans', { body: 'no JSON' });
  });

  it('of plans that a model makes, or cannot make', async () => {
    const tasks = [{ id: 'task1', service: 'card', input: { value: '$task0.value' } }];
    const good = modelReply.usage({ promptTokens: 90, completionTokens: 8 }, modelReply.plan({ tasks }));
    model.enqueue(modelReply.plan({ tasks: [task('t', 'no')] as typeof tasks }), good);
    const { id } = await ask(202, 'POST', '/orchestrations', { body: submission('Charge the card') });
    const inspection = await ask(200, 'GET', `/orchestrations/inspections/${id}`);
    expect(inspection.planning.attempts).toHaveLength(2);
    await completeTask(card, await card.nextRequest(), 'x');
    model.enqueue(modelReply.notActionable('there is no such service'));
    const preview = await ask(200, 'POST', '/plans', { body: submission('Fly to the moon') });
    expect(preview.outcome).toBe('not_actionable');
    model.enqueue(modelReply.status(401), modelReply.status(401));
    const failed = await ask(200, 'POST', '/plans', { body: submission('Paint the house') });
    expect(failed.outcome).toBe('failed');
    await ask(500, 'POST', '/orchestrations', { body: submission('Paint the house') });
    await ask(400, 'POST', '/orchestrations', { body: submission('Ship', [task('t', 'no')]) });
    await ask(400, 'POST', '/orchestrations', { body: {} });
    await ask(500, 'POST', '/orchestrations', { body: {}, auth: 'Bearer unknown' });
  });

  it('of an orchestration from its submission to its end, and of its events', async () => {
    const tasks = [task('task1', 'stock'), task('task2', 'card', 'task1')];
    const headers = { prefer: 'respond-async' };
    const { id } = await ask(202, 'POST', '/orchestrations', { body: submission('Order', tasks), headers });
    const { token } = await ask(201, 'POST', `/orchestrations/${id}/tokens`);
    const stream = await SseClient.open(`${engine.url}/orchestrations/${id}/events?token=${token}`);
    const first = await stock.nextRequest();
    await stock.deliverUpdate(first, { progress: 50 });
    await completeTask(stock, first, 'held');
    const second = await card.nextRequest();
    await card.deliver(second, { error: 'no connection' });
    await clock.advance(10_000);
    await completeTask(card, await card.nextRequest(), 'paid');
    const events = await stream.toEnd();
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['task.update', 'task.failed', 'orchestration.completed']),
    );
    const target = `/orchestrations/${id}/events`;
    expect(events.flatMap(({ data }) => contract.eventProblems('GET', target, data))).toEqual([]);
    expect(contract.problems('GET', target, opened(stream))).toEqual([]);
    const inspection = await ask(200, 'GET', `/orchestrations/inspections/${id}?token=${token}`, { auth: null });
    expect(inspection.tasks[0].interimResults).toHaveLength(1);
    await ask(200, 'GET', `/orchestrations/inspections/${id}`);
    await ask(200, 'POST', `/orchestrations/${id}/cancel`);
  });

  it('of orchestrations that abort, are cancelled, and cannot be compensated', async () => {
    const stream = await SseClient.open(`${engine.url}/events`, { authorization: `Bearer ${client.key}` });
    expect(contract.problems('GET', '/events', opened(stream))).toEqual([]);
    const tasks = [task('task1', 'stock'), task('task2', 'card', 'task1')];
    const { id } = await ask(202, 'POST', '/orchestrations', { body: submission('Order', tasks) });
    await completeTask(stock, await stock.nextRequest(), 'held');
    await card.deliver(await card.nextRequest(), { abort: { reason: 'no funds' } });
    await stock.deliver(await stock.nextRequest(), { revert: { status: 'failed', error: 'it is shipped' } });
    const aborted = await ask(200, 'GET', `/orchestrations/inspections/${id}`);
    expect(aborted).toMatchObject({ status: 'aborted', abortInfo: { payload: { reason: 'no funds' } } });
    const [failure] = await ask(200, 'GET', '/compensation-failures');
    const target = `/compensation-failures/${failure.id}`;
    await ask(200, 'GET', '/compensation-failures?kind=failed&resolution=pending');
    await ask(200, 'GET', target);
    await ask(200, 'POST', `${target}/retry`);
    await stock.deliver(await stock.nextRequest(), { revert: { status: 'failed', error: 'it is shipped' } });
    await ask(400, 'POST', `${target}/resolve`);
    await ask(200, 'POST', `${target}/resolve`, { body: { reason: 'by hand' } });
    await ask(200, 'POST', `${target}/ignore`, { body: {} });
    await ask(403, 'GET', target, { auth: `Bearer ${stranger.key}` });
    await ask(200, 'GET', '/compensation-failures', { auth: `Bearer ${stranger.key}` });

    const { id: cancelled } = await ask(202, 'POST', '/orchestrations', { body: submission('Order', tasks) });
    await completeTask(stock, await stock.nextRequest(), 'held');
    const running = await card.nextRequest();
    await ask(200, 'POST', `/orchestrations/${cancelled}/cancel`, { body: { reason: 'not needed' } });
    await card.deliver(running, { error: 'stopped' });
    await stock.deliver(await stock.nextRequest(), { revert: { status: 'completed' } });
    await ask(200, 'GET', `/orchestrations/inspections/${cancelled}`);
    const list = await ask(200, 'GET', '/orchestrations');
    expect(Object.keys(list)).toEqual(expect.arrayContaining(['completed', 'failed', 'aborted', 'cancelled']));

    const events: Json[] = [];
    while (events.at(-1)?.type !== 'compensation.completed') events.push(...(await stream.take(1)));
    expect(events.flatMap(({ data }) => contract.eventProblems('GET', '/events', data))).toEqual([]);
    stream.close();
  });

  it('of what the project does not have', async () => {
    for (const [method, target] of [
      ['GET', '/orchestrations/inspections/none'],
      ['GET', '/orchestrations/none/events'],
      ['POST', '/orchestrations/none/tokens'],
      ['POST', '/orchestrations/none/cancel'],
      ['GET', '/compensation-failures/none'],
      ['POST', '/compensation-failures/none/retry'],
    ] as const) {
      await ask(400, method, target);
    }
    await ask(403, 'GET', '/orchestrations/none/events?token=none', { auth: null });
    await ask(400, 'GET', '/compensation-failures?kind=none');
    await ask(400, 'GET', '/events?lastEventId=none');
    await ask(500, 'GET', `/ws?serviceId=none&apiKey=${client.key}`, { auth: null });
    await ask(400, 'GET', `/ws?serviceId=${stock.id}`);
  });

  it('of every route with a project: without a key, and with one that no project has', async () => {
    for (const { name, responses } of contract.operations) {
      if (!responses['403']) continue;
      const [method = '', template = ''] = name.split(' ');
      const target = template.replace(/\{\w+\}/g, 'none');
      await ask(403, method, target, { auth: null });
      if (template === '/ws') await ask(403, method, target, { auth: 'Bearer unknown' });
      else
        await ask(template === '/orchestrations' && method === 'POST' ? 500 : 400, method, target, {
          auth: 'Bearer unknown',
        });
    }
  });

  it('and every documented success was seen', () => {
    const successes = contract.operations.flatMap(({ name, responses }) =>
      Object.keys(responses)
        .filter((status) => status.startsWith('2'))
        .map((status) => `${name} ${status}`),
    );
    expect(successes.filter((success) => !contract.checked.has(success))).toEqual([]);
  });
});

const opened = ({ response: { status, headers } }: SseClient): ReceivedResponse => ({ status, headers, text: '' });
