/** Sensitive values reach services and reverts. Everything that people see has a mask instead. */
import type { FakeService } from '@orra-ts/fakes';
import { connectService, type EngineClient } from './support/engine-client';
import { items, type Json } from './support/json';
import { SseClient } from './support/sse-client';
import { WebhookReceiver } from './support/webhook-receiver';
import { closeAfterTest, withEngine, type TestEngine } from './support/with-engine';

const NUMBER = '4111-1111-3170';
const TOKEN = 'tok_31700_secret';
const PIN = 42;
const SECRETS = new RegExp(`${NUMBER}|${TOKEN}|(?<![\\d.:-])${PIN}(?!\\d)(?=[,}\\]])`);
const MASK = '[sensitive]';

const text = { type: 'string' };
const secret = { ...text, 'x-sensitive': true };
const object = (properties: object): { type: string; properties: object } => ({ type: 'object', properties });

let running: TestEngine;
let client: EngineClient;
let receiver: WebhookReceiver;

beforeEach(async () => {
  running = await withEngine({ persistent: true, timings: { taskMaxAttempts: 1, compensationMaxAttempts: 1 } });
  ({ client } = running);
  receiver = await WebhookReceiver.listen();
  closeAfterTest(() => receiver.close());
  await client.ask('POST', '/webhooks', { url: receiver.url() });
  await client.ask('POST', '/compensation-failure-webhooks', { url: receiver.url('/failures') });
});

const connectCards = (): Promise<FakeService> =>
  connectService(client, 'cards', {
    schema: {
      input: object({ number: secret, pin: { type: 'integer', 'x-sensitive': true }, holder: text }),
      output: object({ token: secret, brand: text }),
    },
  });
const connectCharges = (): Promise<FakeService> =>
  connectService(client, 'charges', {
    // It declares nothing as sensitive.
    schema: { input: object({ token: text, pin: { type: 'integer' } }), output: object({ id: text }) },
  });

const plan = {
  tasks: [
    { id: 'task1', service: 'cards', input: { number: '$task0.card', pin: '$task0.pin', holder: '$task0.holder' } },
    { id: 'task2', service: 'charges', input: { token: '$task1.token', pin: '$task0.pin' } },
  ],
};
const submission = {
  action: { type: 'action', content: `Charge ${NUMBER}` },
  data: [
    { field: 'card', value: NUMBER },
    { field: 'pin', value: PIN },
    { field: 'holder', value: 'Ann' },
  ],
  plan,
};

async function eventsOf(target: string): Promise<Json[]> {
  const stream = await SseClient.open(`${client.url}${target}`, { authorization: `Bearer ${client.key}` });
  closeAfterTest(() => stream.close());
  return (await stream.toEnd()).map(({ data }) => data);
}

function expectNoSecret(shown: unknown): void {
  const json = typeof shown === 'string' ? shown : JSON.stringify(shown);
  expect(json.length).toBeGreaterThan(2);
  expect(json).not.toMatch(SECRETS);
}

it('services and reverts get the values, and views, events and webhooks of a failure do not', async () => {
  const cards = await connectCards();
  const charges = await connectCharges();
  const accepted = await client.ask('POST', '/orchestrations', submission);
  expectNoSecret(accepted.text);
  const id = accepted.body.id as string;

  const first = await cards.nextRequest();
  expect(first).toMatchObject({ input: { number: NUMBER, pin: PIN, holder: 'Ann' } });
  const data = { originalTask: { input: { number: NUMBER, pin: PIN } }, taskResult: { token: TOKEN } };
  await cards.deliver(first, { output: { token: TOKEN, brand: 'visa' }, compensation: { data, ttl: 60_000 } });
  const second = await charges.nextRequest();
  expect(second).toMatchObject({ input: { token: TOKEN, pin: PIN } });
  await charges.deliver(second, {
    error: `card ${NUMBER} is refused`,
    failure: {
      code: 'REFUSED',
      retryable: false,
      name: 'CardError',
      details: { token: TOKEN },
      causes: [{ message: `bad ${TOKEN}` }],
    },
  });
  const revert = await cards.nextRequest();
  expect(revert).toMatchObject({ input: data });
  await cards.deliver(revert, { revert: { status: 'failed', error: `cannot void ${TOKEN}` } });
  const webhooks = await receiver.count(2);

  const check = async (): Promise<void> => {
    const inspection = await client.inspect(id);
    expectNoSecret(inspection);
    expect(inspection).toMatchObject({
      action: `Charge ${MASK}`,
      taskZero: { card: MASK, pin: MASK, holder: 'Ann' },
      error: { error: `card ${MASK} is refused`, details: { token: MASK } },
    });
    const [card, charge] = items(inspection.tasks);
    expect(card).toMatchObject({
      input: { number: MASK, pin: MASK, holder: 'Ann' },
      output: { token: MASK, brand: 'visa' },
    });
    expect(charge.input).toEqual({ token: MASK, pin: MASK });
    const list = await client.ask('GET', '/orchestrations');
    expectNoSecret(list.text);
    expect(items(list.body.failed)[0]).toMatchObject({ id, action: `Charge ${MASK}` });
    const events = await eventsOf(`/orchestrations/${id}/events`);
    expectNoSecret(events);
    expect(events).toContainEqual(expect.objectContaining({ type: 'orchestration.pending', action: `Charge ${MASK}` }));
    const records = await client.ask('GET', '/compensation-failures');
    expectNoSecret(records.text);
    expect(items(records.body)[0]).toMatchObject({
      failure: `cannot void ${MASK}`,
      compensationData: {
        data: { originalTask: { input: { number: MASK, pin: MASK } }, taskResult: { token: MASK } },
      },
    });
  };
  await check();
  expectNoSecret(webhooks.map(({ text }) => text));
  expect(webhooks.map(({ body }) => body.type).sort()).toEqual(['compensation.failed', 'orchestration.failed']);

  // What is sensitive is stored with the plan, so it does not depend on the services that are registered now.
  running = await running.restart();
  ({ client } = running);
  await check();
});

it('progress, results and the payload of an abort have masks', async () => {
  const cards = await connectCards();
  const run = async (): Promise<string> => {
    const { body } = await client.ask('POST', '/orchestrations', {
      ...submission,
      plan: { tasks: plan.tasks.slice(0, 1) },
    });
    return body.id as string;
  };
  const completed = await run();
  const request = await cards.nextRequest();
  await cards.deliverUpdate(request, { checking: NUMBER, list: [`card ${NUMBER}`] });
  await cards.deliver(request, { output: { token: TOKEN, brand: 'visa' } });
  const aborted = await run();
  await cards.deliver(await cards.nextRequest(), { abort: { reason: `stolen: ${NUMBER}` } });
  await receiver.count(2);

  const inspection = await client.inspect(completed);
  expect(inspection.results).toEqual([{ token: MASK, brand: 'visa' }]);
  expect(items(items(inspection.tasks)[0].interimResults)[0].data).toEqual({ checking: MASK, list: [`card ${MASK}`] });
  const events = await eventsOf(`/orchestrations/${completed}/events`);
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'orchestration.completed', results: [{ token: MASK, brand: 'visa' }] }),
  );
  expect((await client.inspect(aborted)).abortInfo.payload).toEqual({ reason: `stolen: ${MASK}` });
  expectNoSecret([inspection, events, await client.inspect(aborted), receiver.received.map(({ body }) => body)]);
});

it('literals of a plan have masks in previews and in defined plans', async () => {
  await connectCards();
  const literal = {
    tasks: [{ id: 'task1', service: 'cards', input: { number: NUMBER, pin: 7, holder: '$task0.holder' } }],
  };
  const preview = await client.ask('POST', '/plans', { ...submission, plan: literal });
  expect(preview.body.plan.tasks[0].input).toEqual({ number: MASK, pin: MASK, holder: '$task0.holder' });
  expectNoSecret(preview.text);
});

it('a message about a value that does not fit does not repeat a sensitive value', async () => {
  await connectCards();
  const wrong = { tasks: [{ id: 'task1', service: 'cards', input: { number: 317317, pin: 'my-pin', holder: 9 } }] };
  const { status, text } = await client.ask('POST', '/orchestrations', { ...submission, plan: wrong });
  expect(status).toBe(400);
  expect(text).toContain('number');
  expect(text).toContain('must be integer');
  expect(text).not.toMatch(/317317|my-pin/);
  expect(text).toContain('found number 9');
});

it('without a plan, all data have masks if a service has sensitive inputs', async () => {
  await connectCards();
  const { status } = await client.ask('POST', '/orchestrations', {
    ...submission,
    plan: { tasks: [{ id: 'task1', service: 'missing', input: {} }] },
  });
  expect(status).toBe(400);
  const list = await client.ask('GET', '/orchestrations');
  const [item] = items(list.body.failed);
  expect(item).toMatchObject({ action: `Charge ${MASK}` });
  expectNoSecret([list.body, await client.inspect(item.id)]);
});

it('without sensitive members, nothing has a mask', async () => {
  const charges = await connectCharges();
  const { body } = await client.ask('POST', '/orchestrations', {
    ...submission,
    plan: { tasks: [{ id: 'task1', service: 'charges', input: { token: '$task0.card', pin: '$task0.pin' } }] },
  });
  await charges.deliver(await charges.nextRequest(), { output: { id: NUMBER } });
  const inspection = await client.inspect(body.id);
  expect(items(inspection.tasks)[0].input).toEqual({ token: NUMBER, pin: PIN });
  expect(JSON.stringify(inspection)).not.toContain(MASK);
});
