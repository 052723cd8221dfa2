/** What a service reports of an error reaches everyone who sees the error: inspections, lists, events and webhooks. */
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
