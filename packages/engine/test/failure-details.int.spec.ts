/** What a service reports of an error reaches everyone who sees the error: inspections, lists, events and webhooks. */
import { ManualClock } from '@orra-ts/common/testing';
import { completeTask, connectService, type EngineClient } from './support/engine-client';
import { items } from './support/json';
import { SseClient } from './support/sse-client';
import { WebhookReceiver } from './support/webhook-receiver';
import { closeAfterTest, withEngine } from './support/with-engine';

const reported = {
  name: 'CardError',
  code: 'CARD_REFUSED',
  details: { limit: 317 },
  causes: [{ message: 'declined by the bank', name: 'Error', code: '51' }],
};
const failure = { ...reported, retryable: false };

let client: EngineClient;
let receiver: WebhookReceiver;
beforeEach(async () => {
  ({ client } = await withEngine({ timings: { taskMaxAttempts: 1 } }));
  receiver = await WebhookReceiver.listen();
  closeAfterTest(() => receiver.close());
});

/** A task that completed, and a task that failed with an error. */
async function failed() {
  const stock = await connectService(client, 'stock');
  const card = await connectService(client, 'card');
  const id = await client.submit('stock', 'card');
  await completeTask(stock, await stock.nextRequest(), 'held');
  await card.deliver(await card.nextRequest(), { error: 'card refused', failure });
  return { id, stock };
}

async function eventsOf(id: string): Promise<readonly Record<string, unknown>[]> {
  const stream = await SseClient.open(`${client.url}/orchestrations/${id}/events`, {
    authorization: `Bearer ${client.key}`,
  });
  closeAfterTest(() => stream.close());
  return (await stream.toEnd()).map(({ data }) => data);
}

it('the error of a task', async () => {
  await client.ask('POST', '/webhooks', { url: receiver.url() });
  const { id, stock } = await failed();
  const revert = await stock.nextRequest();
  const error = { error: 'card refused', ...reported };

  const inspection = await client.inspect(id);
  expect(inspection.error).toMatchObject(error);
  const task = items(inspection.tasks)[1];
  expect(task).toMatchObject({ error: 'card refused', failureDetails: reported });
  expect(items(task.statusHistory).at(-1)).toMatchObject({ status: 'failed', failureDetails: reported });
  expect(items((await client.ask('GET', '/orchestrations')).body.failed)[0].error).toMatchObject(error);
  const [message] = await receiver.count(1);
  expect(message?.body).toMatchObject({ type: 'orchestration.failed', error });

  // Other services, which may use any SDK, receive what the Go engine sends.
  const { payload } = (revert as { compensationContext?: { payload?: object } }).compensationContext ?? {};
  expect(Object.keys(payload ?? {}).sort()).toEqual(['error', 'id', 'producer']);
  await stock.deliver(revert, { revert: { status: 'completed' } });
  const events = await eventsOf(id);
  expect(events.find(({ type }) => type === 'task.failed')).toMatchObject({
    error: 'card refused',
    failureDetails: reported,
  });
  expect(events.find(({ type }) => type === 'orchestration.failed')).toMatchObject({ error });
});

it('the error of a revert', async () => {
  await client.ask('POST', '/compensation-failure-webhooks', { url: receiver.url() });
  const { id, stock } = await failed();
  await stock.deliver(await stock.nextRequest(), { error: 'shipped', failure });

  const [record] = (await client.ask('GET', '/compensation-failures')).body;
  expect(record).toMatchObject({ failure: 'shipped', failureDetails: reported });
  const [task] = items((await client.inspect(id)).tasks);
  expect(items(task?.compensationHistory).at(-1)).toMatchObject({ error: 'shipped', failureDetails: reported });
  const [message] = await receiver.count(1);
  expect(message?.body).toMatchObject({ failure: 'shipped', failure_details: reported });
  const events = await eventsOf(id);
  expect(events.find(({ type }) => type === 'compensation.failed')).toMatchObject({ failureDetails: reported });
});

it('an error of a service that reports only a message has no details', async () => {
  const card = await connectService(client, 'card');
  const id = await client.submit('card');
  await card.deliver(await card.nextRequest(), { error: 'declined' });
  expect(Object.keys((await client.inspect(id)).error).sort()).toEqual(['error', 'id', 'producer']);
});

it('what a service reports is bounded and reduced to the members of the protocol before it is stored', async () => {
  const card = await connectService(client, 'card');
  const id = await client.submit('card');
  const long = 'x'.repeat(100_000);
  const deep = '['.repeat(200) + ']'.repeat(200);
  const hostile = {
    code: long,
    name: long,
    details: JSON.parse(deep) as unknown,
    causes: Array.from({ length: 20 }, () => ({ message: long, code: long, details: { long }, stack: long })),
    stack: long,
    retryable: false,
    retryAfterMs: 1e300,
  };
  await card.deliver(await card.nextRequest(), { error: long, failure: hostile });
  const { error } = await client.inspect(id);
  expect(error.error).toMatch(/^x+\.\.\. \(100000 characters\)$/);
  expect(error.code).toMatch(/^x+\.\.\. \(100000 characters\)$/);
  expect(JSON.stringify(error.details)).toContain('nested more than 20 levels deep');
  expect(Object.keys(error).sort()).toEqual(['causes', 'code', 'details', 'error', 'id', 'name', 'producer']);
  expect(Buffer.byteLength(JSON.stringify(error))).toBeLessThan(20_000);
});

describe('a failure that the engine finds has a code', () => {
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    ({ client } = await withEngine({ clock, timings: { taskMaxAttempts: 1, compensationMaxAttempts: 1 } }));
  });
  const failureOf = async (id: string): Promise<object> => (await client.inspect(id)).error;
  const record = async (): Promise<object> => (await client.ask('GET', '/compensation-failures')).body[0];

  it('no outcome within the limit, of a task and of its revert', async () => {
    const stock = await connectService(client, 'stock');
    const card = await connectService(client, 'card');
    const id = await client.submit('stock', 'card');
    await completeTask(stock, await stock.nextRequest(), 'held');
    await card.nextRequest();
    await clock.advance(30_000);
    expect(await failureOf(id)).toMatchObject({
      code: 'ORRA_TASK_TIMEOUT',
      error: expect.stringContaining('timed out'),
    });
    await stock.nextRequest();
    await clock.advance(30_000);
    expect(await record()).toMatchObject({ status: 'failed', failureDetails: { code: 'ORRA_TASK_TIMEOUT' } });
  });

  it('a service that stays disconnected', async () => {
    const stock = await connectService(client, 'stock');
    await stock.close();
    const id = await client.submit('stock');
    // A reconnect within two seconds is not a disconnection.
    await clock.advance(1_802_000);
    expect(await failureOf(id)).toMatchObject({ code: 'ORRA_SERVICE_UNAVAILABLE' });
  });

  it.each([
    ['a result without an output', { result: {}, error: null }],
    ['a result that is not an object', { result: 5 }],
  ])('%s', async (_, outcome) => {
    const stock = await connectService(client, 'stock');
    const id = await client.submit('stock');
    const { id: taskId, executionId, idempotencyKey, serviceId } = await stock.nextRequest();
    const payload = { type: 'task_result', taskId, executionId, idempotencyKey, serviceId, ...outcome };
    stock.sendRaw(JSON.stringify({ id: 'result', payload }));
    await stock.until(() => stock.acknowledged.has('result'), 'the ACK of the result');
    expect(await failureOf(id)).toMatchObject({ code: 'ORRA_UNREADABLE_OUTCOME' });
  });

  it('a task whose outcome does not arrive is a record in doubt', async () => {
    const stock = await connectService(client, 'stock');
    const id = await client.submit('stock');
    await stock.nextRequest();
    await client.ask('POST', `/orchestrations/${id}/cancel`, { reason: 'not needed' });
    await clock.advance(90_000);
    expect(await record()).toMatchObject({ status: 'in_doubt', failureDetails: { code: 'ORRA_UNKNOWN_OUTCOME' } });
  });
});

it('a record in doubt has what the service reported of its error', async () => {
  await client.ask('POST', '/compensation-failure-webhooks', { url: receiver.url() });
  const card = await connectService(client, 'card');
  const id = await client.submit('card');
  await card.deliver(await card.nextRequest(), { error: 'card refused', failure: { ...failure, effect: 'unknown' } });
  const [record] = (await client.ask('GET', '/compensation-failures')).body;
  expect(record).toMatchObject({ status: 'in_doubt', failure: 'card refused', failureDetails: reported });
  const [message] = await receiver.count(1);
  expect(message?.body).toMatchObject({ failure: 'card refused', failure_details: reported });
  const [task] = items((await client.inspect(id)).tasks);
  expect(items(task?.compensationHistory).at(-1)).toMatchObject({ failureDetails: reported });
  const events = await eventsOf(id);
  expect(events.find(({ type }) => type === 'compensation.failed')).toMatchObject({
    detail: 'in_doubt',
    failureDetails: reported,
  });
});
