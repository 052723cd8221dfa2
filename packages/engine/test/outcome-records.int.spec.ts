/** Records in doubt and of second outputs, over HTTP and sockets: lists, inspections, webhooks, retry (outcomes 1.3, 2, 3). */
import { ManualClock } from '@orra-ts/common/testing';
import type { FakeRequest, FakeService } from '@orra-ts/fakes';
import type { Engine } from '../src';
import { EngineClient, completeTask, connectService } from './support/engine-client';
import { items, pluck, type Json } from './support/json';
import { WebhookReceiver } from './support/webhook-receiver';
import { closeAfterTest, withEngine } from './support/with-engine';

let engine: Engine;
let client: EngineClient;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  ({ engine, client } = await withEngine({ clock }));
});

const records = async (query = ''): Promise<Json[]> =>
  (await client.ask('GET', `/compensation-failures${query}`)).body ?? [];
const compensationInList = async (status: string): Promise<Json> =>
  items((await client.ask('GET', '/orchestrations')).body[status])[0].compensation;

interface Cancelled {
  readonly id: string;
  readonly stock: FakeService;
  readonly request: FakeRequest;
}

/** An orchestration that was cancelled while a task ran. */
async function cancelled(): Promise<Cancelled> {
  const stock = await connectService(client, 'stock');
  const id = await client.submit('stock');
  const request = await stock.nextRequest();
  await client.ask('POST', `/orchestrations/${id}/cancel`, { reason: 'not needed' });
  return { id, stock, request };
}

/** The same, after the wait for its task. The service lost its connection meanwhile, because the test moves the clock. */
async function inDoubt(): Promise<Cancelled & { readonly record: Json }> {
  const { stock, ...work } = await cancelled();
  await clock.advance(90_000);
  const [record] = await records();
  return { ...work, record, stock: await connectService(client, 'stock', { id: stock.id }) };
}

it('a task that does not respond is waited for until its limit and a minute, then it is in doubt (E10)', async () => {
  const { id } = await cancelled();
  const until = new Date(clock.now() + 90_000).toISOString();
  expect((await client.inspect(id)).waitingFor).toEqual([{ taskId: 'task1', what: 'outcome', until }]);
  expect(await compensationInList('cancelled')).toEqual({ active: true, total: 1, completed: 0, failed: 0 });
  await clock.advance(89_999);
  expect(await records()).toEqual([]);
  await clock.advance(1);
  expect(await records('?kind=in_doubt')).toMatchObject([
    { orchestrationId: id, taskId: 'task1', status: 'in_doubt', resolutionState: 'pending' },
  ]);
  expect(await compensationInList('cancelled')).toEqual({
    active: false,
    total: 1,
    completed: 0,
    failed: 1,
    inDoubt: 1,
  });
  const inspection = await client.inspect(id);
  expect(inspection).not.toHaveProperty('waitingFor');
  expect(items(inspection.tasks)[0].compensation).toMatchObject({ status: 'failed', detail: 'in_doubt' });
});

it('a late success is reverted and resolves its record; webhooks that know our engine are told', async () => {
  const receiver = await WebhookReceiver.listen();
  closeAfterTest(() => receiver.close());
  await client.ask('POST', '/compensation-failure-webhooks', { url: receiver.url() });
  const { stock, request, record, id } = await inDoubt();
  await completeTask(stock, request, 'held late');
  const revert = await stock.nextRequest();
  expect(revert).toMatchObject({ type: 'compensation_request', input: { of: 'held late' } });
  expect((await client.inspect(id)).waitingFor).toMatchObject([{ taskId: 'task1', what: 'revert' }]);
  await stock.deliver(revert, { revert: { status: 'completed' } });
  expect((await client.ask('GET', `/compensation-failures/${record.id}`)).body).toMatchObject({
    status: 'in_doubt',
    resolutionState: 'resolved',
    resolution: 'reverted late',
  });
  const messages = await receiver.count(2);
  expect(messages.map(({ body }) => [body.type, body.status])).toEqual([
    ['compensation.failed', 'in_doubt'],
    ['compensation.resolved', 'in_doubt'],
  ]);
  expect(messages[1]?.headers['x-orra-event']).toBe('compensation.resolved');
  expect(messages[1]?.body).toMatchObject({
    compensation_id: record.id,
    task_id: 'task1',
    resolution: 'reverted late',
  });
  expect(items((await client.inspect(id)).tasks)[0].compensation).toMatchObject({
    status: 'completed',
    detail: 'reverted_late',
  });
});

it("an operator's decision stands: a later success is shown in the record, and nothing is reverted", async () => {
  const { stock, request, record, id } = await inDoubt();
  await client.ask('POST', `/compensation-failures/${record.id}/ignore`, { reason: 'checked' });
  await completeTask(stock, request, 'held late');
  expect((await client.ask('GET', `/compensation-failures/${record.id}`)).body).toMatchObject({
    resolutionState: 'ignored',
    resolution: 'checked',
    lateOutput: { value: 'held late' },
  });
  const [task] = items((await client.inspect(id)).tasks);
  expect(task).toMatchObject({ output: { value: 'held late' }, lateOutput: { value: 'held late' } });
  expect(stock.requests).toEqual([]);
});

it('a record in doubt cannot be retried if its service cannot revert without an output: 409 says why', async () => {
  const { record } = await inDoubt();
  const { status, body } = await client.ask('POST', `/compensation-failures/${record.id}/retry`);
  expect([status, body.error.kind, body.error.message]).toEqual([
    409,
    'invalid operation',
    expect.stringContaining('does not revert tasks whose outcome is unknown'),
  ]);
  expect((await records('?resolution=pending')).map(({ id }) => id)).toEqual([record.id]);
});

it('a second success with another output is a record with both; retry reverts the second one', async () => {
  const stock = await connectService(client, 'stock');
  const card = await connectService(client, 'card');
  const id = await client.submit('stock', 'card');
  const request = await stock.nextRequest();
  await clock.advance(30_000);
  await clock.advance(5_000);
  const again = await stock.nextRequest();
  expect(again.idempotencyKey).toBe(request.idempotencyKey);
  await completeTask(stock, again, 'first');
  await completeTask(stock, request, 'first');
  expect(await records()).toEqual([]);
  await completeTask(stock, request, 'second');
  const [record] = await records('?kind=duplicate');
  expect(record).toMatchObject({ output: { value: 'first' }, otherOutput: { value: 'second' } });
  const refused = await client.ask('POST', `/compensation-failures/${record.id}/retry`);
  expect([refused.status, refused.body.error.message]).toEqual([409, expect.stringContaining('still processing')]);
  await completeTask(card, await card.nextRequest(), 'paid');
  expect(await compensationInList('completed')).toEqual({ active: false, total: 2, completed: 0, failed: 1 });
  expect((await client.ask('POST', `/compensation-failures/${record.id}/retry`)).status).toBe(200);
  const revert = await stock.nextRequest();
  expect(revert).toMatchObject({ type: 'compensation_request', input: { of: 'second' } });
  await stock.deliver(revert, { revert: { status: 'completed' } });
  expect(pluck(await records(), 'resolutionState')).toEqual(['resolved']);
  expect((await client.inspect(id)).status).toBe('completed');
});

it('a webhook that was registered with the project is not told of resolutions', async () => {
  const receiver = await WebhookReceiver.listen();
  closeAfterTest(() => receiver.close());
  const { body: project } = await client.ask('POST', '/register/project', {
    name: 'old',
    compensationFailureWebhooks: [receiver.url('/old')],
  });
  client = new EngineClient(engine.url, project.apiKey);
  const { stock, request } = await inDoubt();
  await completeTask(stock, request, 'held late');
  await stock.deliver(await stock.nextRequest(), { revert: { status: 'completed' } });
  expect(pluck(await records(), 'resolutionState')).toEqual(['resolved']);
  await receiver.count(1);
  await clock.advance(60_000);
  expect(receiver.received.map(({ body }) => [body.type, body.status])).toEqual([['compensation.failed', 'in_doubt']]);
});

it('inspection shows which work is kept or unknown because its service cannot revert it (outcomes 1.13)', async () => {
  const mail = await connectService(client, 'mail', { revertible: false });
  const stock = await connectService(client, 'stock', { revertible: false });
  const id = await client.submit('mail', 'stock');
  await completeTask(mail, await mail.nextRequest(), 'sent');
  const request = await stock.nextRequest();
  expect(pluck((await client.inspect(id)).tasks, 'effect')).toEqual([undefined, undefined]);
  await client.ask('POST', `/orchestrations/${id}/cancel`, {});
  const inspection = await client.inspect(id);
  expect(pluck(inspection.tasks, 'effect')).toEqual(['kept', 'unknown']);
  expect(inspection).not.toHaveProperty('waitingFor');
  await completeTask(stock, request, 'held late');
  expect(items((await client.inspect(id)).tasks)[1]).toMatchObject({ effect: 'kept', output: { value: 'held late' } });
  expect(await records()).toEqual([]);
});

describe('a completed task whose key another connection still has (outcomes 1.11)', () => {
  const capabilities = ['task-meta', 'task-cancel'] as const;
  const connect = (id?: string): Promise<FakeService> => connectService(client, 'stock', { id, capabilities });
  const openDeliveries = async (id: string): Promise<unknown> =>
    items((await client.inspect(id)).tasks)[0].openDeliveries;

  /** The first replica reconnects and claims its run; the second one has completed the task by then. */
  async function completedElsewhere(): Promise<{ id: string; at: string; first: FakeService; request: FakeRequest }> {
    const before = await connect();
    const id = await client.submit('stock');
    const request = await before.nextRequest();
    const at = new Date(clock.now()).toISOString();
    await before.close();
    const second = await connect(before.id);
    await clock.advance(2_000);
    const again = await second.nextRequest();
    const first = await connect(before.id);
    const claim = first.status(request);
    await first.until(() => first.acknowledged.has(claim));
    expect(await openDeliveries(id)).toBeUndefined();
    await completeTask(second, again, 'held');
    await first.until(() => first.cancels.length > 0);
    return { id, at, first, request };
  }

  it('inspection shows its delivery, until that has an outcome', async () => {
    const { id, at, first, request } = await completedElsewhere();
    expect((await client.inspect(id)).status).toBe('completed');
    expect(await openDeliveries(id)).toEqual([{ executionId: request.executionId, timestamp: at }]);
    await completeTask(first, request, 'held');
    expect(await openDeliveries(id)).toBeUndefined();
    expect(await records()).toEqual([]);
  });

  it('inspection no longer shows it when late results are not accepted any more', async () => {
    const { id } = await completedElsewhere();
    await clock.advance(86_400_000);
    expect(await openDeliveries(id)).toHaveLength(1);
    await clock.advance(1);
    expect(await openDeliveries(id)).toBeUndefined();
  });
});
