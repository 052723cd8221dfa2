/** The event stream of a whole engine, over HTTP. */
import { ManualClock } from '@orra-ts/common/testing';
import type { FakeService } from '@orra-ts/fakes';
import type { Engine } from '../src';
import { EngineClient, completeTask, connectService } from './support/engine-client';
import { SseClient, type SentEvent } from './support/sse-client';
import { closeAfterTest, withEngine, type TestEngine } from './support/with-engine';

let engine: Engine;
let client: EngineClient;
let clock: ManualClock;
let running: TestEngine;

const restart = async (): Promise<void> => {
  running = await running.restart();
  ({ engine, client } = running);
};
beforeEach(async () => {
  clock = new ManualClock();
  running = await withEngine({ persistent: true, clock });
  ({ engine, client } = running);
});

async function follow(target: string, headers: Record<string, string> = {}): Promise<SseClient> {
  const stream = await SseClient.open(client.url + target, { authorization: `Bearer ${client.key}`, ...headers });
  closeAfterTest(() => stream.close());
  return stream;
}
const types = (events: readonly SentEvent[]): string[] => events.map(({ type }) => type);
const ids = (events: readonly SentEvent[]): string[] => events.map(({ id }) => id);

const ABORTED = [
  'orchestration.pending',
  'orchestration.processing',
  'task.processing',
  'task.update',
  'task.completed',
  'task.processing',
  'task.aborted',
  'orchestration.aborted',
  'compensation.processing',
  'compensation.completed',
];

/** Two tasks, the second aborts, the first is compensated. */
async function abortOne(stock: FakeService, card: FakeService): Promise<string> {
  const id = await client.submit('stock', 'card');
  const task = await stock.nextRequest();
  await stock.deliverUpdate(task, { progress: 50 });
  await completeTask(stock, task, 'held');
  await card.deliver(await card.nextRequest(), { abort: { reason: 'no funds' } });
  await stock.deliver(await stock.nextRequest(), { revert: { status: 'completed' } });
  return id;
}
const services = async (): Promise<[FakeService, FakeService]> => [
  await connectService(client, 'stock'),
  await connectService(client, 'card'),
];

describe('the stream of one orchestration', () => {
  it('tells everything from the begin as it is committed, and ends when compensation is over', async () => {
    const [stock, card] = await services();
    const id = await client.submit('stock', 'card');
    const stream = await follow(`/orchestrations/${id}/events`);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    expect(types(await stream.take(3))).toEqual(ABORTED.slice(0, 3));
    const task = await stock.nextRequest();
    await stock.deliverUpdate(task, { progress: 50 });
    expect(await stream.next()).toEqual({
      id: '4',
      type: 'task.update',
      data: {
        type: 'task.update',
        orchestrationId: id,
        timestamp: new Date(clock.now()).toISOString(),
        taskId: 'task1',
        serviceName: 'stock',
        data: { progress: 50 },
      },
    });
    await completeTask(stock, task, 'held');
    await card.deliver(await card.nextRequest(), { abort: { reason: 'no funds' } });
    const [, , , aborted] = await stream.take(4);
    expect(aborted?.data).toMatchObject({ action: 'Ship the order', abortReason: { reason: 'no funds' } });
    await stock.deliver(await stock.nextRequest(), { revert: { status: 'completed' } });
    expect(types(await stream.toEnd())).toEqual(ABORTED.slice(8));
  });

  it('goes on behind the id that a client has, by header or query, after a restart of the engine too', async () => {
    const id = await abortOne(...(await services()));
    const all = await (await follow(`/orchestrations/${id}/events`)).toEnd();
    expect(types(all)).toEqual(ABORTED);
    await restart();
    for (let count = 0; count <= all.length; count += 3) {
      const behind = all[count - 1]?.id ?? '0';
      const byHeader = await (await follow(`/orchestrations/${id}/events`, { 'last-event-id': behind })).toEnd();
      const byQuery = await (await follow(`/orchestrations/${id}/events?lastEventId=${behind}`)).toEnd();
      expect(byHeader).toEqual(all.slice(count));
      expect(byQuery).toEqual(byHeader);
    }
  });

  it('says when the next attempt begins, and what a retry of a compensation does', async () => {
    const [stock, card] = await services();
    const id = await client.submit('stock', 'card');
    await stock.deliver(await stock.nextRequest(), {
      error: 'busy',
      failure: { code: 'BUSY', retryable: true, retryAfterMs: 60_000 },
    });
    await clock.advance(60_000);
    await completeTask(stock, await stock.nextRequest(), 'held');
    await card.deliver(await card.nextRequest(), { abort: { reason: 'no' } });
    await stock.deliver(await stock.nextRequest(), { revert: { status: 'failed', error: 'shipped' } });
    const first = await (await follow(`/orchestrations/${id}/events`)).toEnd();
    const failed = first.find(({ type }) => type === 'task.failed');
    expect(failed?.data).toMatchObject({ error: 'busy', retryAt: new Date(clock.now()).toISOString() });
    expect(first.at(-1)).toMatchObject({ type: 'compensation.failed', data: { error: 'shipped' } });

    const [failure] = (await client.ask('GET', '/compensation-failures')).body;
    await client.ask('POST', `/compensation-failures/${failure.id}/retry`);
    const stream = await follow(`/orchestrations/${id}/events?lastEventId=${first.at(-1)?.id}`);
    expect(types(await stream.take(2))).toEqual(['compensation.pending', 'compensation.processing']);
    await stock.deliver(await stock.nextRequest(), { revert: { status: 'completed' } });
    expect(types(await stream.toEnd())).toEqual(['compensation.completed']);
  });

  it('is read a part at a time, however long it is', async () => {
    const [stock] = await services();
    const id = await client.submit('stock');
    const task = await stock.nextRequest();
    for (let index = 0; index < 500; index++) await stock.deliverUpdate(task, { index });
    await completeTask(stock, task, 'done');
    const events = await (await follow(`/orchestrations/${id}/events`)).toEnd();
    const updates = events.filter(({ type }) => type === 'task.update');
    expect(updates.map(({ data }) => data.data.index)).toEqual([...Array(500).keys()]);
    expect(ids(events)).toEqual([...new Set(ids(events))]);
    const late = await follow(`/orchestrations/${id}/events?lastEventId=${events[250]?.id}`);
    expect(await late.toEnd()).toEqual(events.slice(251));
  });

  it('is unknown to other projects, and refuses positions that are none', async () => {
    await services();
    const id = await client.submit('stock');
    const stranger = await EngineClient.of(engine, 'other');
    const refused = await stranger.ask('GET', `/orchestrations/${id}/events`);
    expect([refused.status, refused.body.error.code]).toEqual([400, 'Orra:UnknownOrchestration']);
    for (const target of [
      `/orchestrations/${id}/events?lastEventId=x`,
      '/events?lastEventId=-1',
      '/events?lastEventId=1',
    ]) {
      const { status, body } = await client.ask('GET', target);
      expect([status, body.error.param]).toEqual([400, 'lastEventId']);
    }
  });
});

describe('the stream of a project', () => {
  it('begins now, tells of all its orchestrations and of no others', async () => {
    const [stock, card] = await services();
    await abortOne(stock, card);
    const stream = await follow('/events');
    const stranger = client;
    const other = await EngineClient.of(engine, 'other');
    client = other;
    const [foreign] = await services();
    await client.submit('stock');
    await foreign.nextRequest();
    client = stranger;
    const id = await abortOne(stock, card);
    const events = await stream.take(ABORTED.length);
    expect(types(events)).toEqual(ABORTED);
    expect(new Set(events.map(({ data }) => data.orchestrationId))).toEqual(new Set([id]));
    expect(events[2]?.data).toMatchObject({ taskId: 'task1', serviceName: 'stock', attempt: 1 });
  });

  it('goes on behind any of its ids, also behind the one it began with, across restarts', async () => {
    const [stock, card] = await services();
    const stream = await follow('/events');
    expect(await stream.block()).toMatch(/^id: \d+\.end$/);
    await abortOne(stock, card);
    await abortOne(stock, card);
    const all = await stream.take(2 * ABORTED.length);
    await restart();
    for (const count of [1, 4, 10, 11, 19]) {
      const again = await follow('/events', { 'last-event-id': all[count - 1]?.id ?? '' });
      expect(await again.take(all.length - count)).toEqual(all.slice(count));
    }
    const fromBegin = await follow('/events?lastEventId=0.end');
    expect(await fromBegin.take(all.length)).toEqual(all);
  });

  it('tells nothing twice where a history was written together', async () => {
    const stream = await follow('/events');
    const [stock] = await services();
    await client.submit('stock');
    const task = await stock.nextRequest();
    for (let index = 0; index < 80; index++) await stock.deliverUpdate(task, { index });
    const events = await stream.take(83);
    expect(events.slice(3).map(({ data }) => data.data.index)).toEqual([...Array(80).keys()]);
    const again = await follow('/events?lastEventId=0.end');
    expect(await again.take(83)).toEqual(events);
  });
});

describe('a connection', () => {
  it('is kept alive by comments in silence', async () => {
    const stream = await follow('/events');
    await stream.block();
    for (let beat = 1; beat <= 3; beat++) {
      await clock.advance(15_000);
      await stream.block();
      expect(stream.comments).toBe(beat);
    }
  });

  it('ends with the engine, which does not wait for its clients', async () => {
    const stream = await follow('/events');
    await stream.block();
    await engine.close();
    expect(await stream.toEnd()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves nothing behind when its client goes', async () => {
    const timers = clock.pendingTimers;
    const stream = await follow('/events');
    await stream.block();
    expect(clock.pendingTimers).toBe(timers + 1);
    stream.close();
    while (clock.pendingTimers > timers) await new Promise(setImmediate);
  });
});

describe('a read token', () => {
  it('opens events and inspection of its orchestration to any page, for a quarter of an hour', async () => {
    const [stock] = await services();
    const id = await client.submit('stock');
    await completeTask(stock, await stock.nextRequest(), 'x');
    const { status, body } = await client.ask('POST', `/orchestrations/${id}/tokens`);
    expect(status).toBe(201);
    expect(body.expiresAt).toBe(new Date(clock.now() + 15 * 60_000).toISOString());
    const query = `?token=${encodeURIComponent(body.token as string)}`;
    const stream = await SseClient.open(`${client.url}/orchestrations/${id}/events${query}`);
    expect(stream.response.headers.get('access-control-allow-origin')).toBe('*');
    expect(types(await stream.toEnd()).at(-1)).toBe('orchestration.completed');
    const inspection = await fetch(`${client.url}/orchestrations/inspections/${id}${query}`);
    expect([inspection.status, ((await inspection.json()) as { id: string }).id]).toEqual([200, id]);

    // The next engine on this storage takes it too.
    await restart();
    const refusals = async (targets: readonly string[]): Promise<number[]> =>
      Promise.all(targets.map(async (target) => (await fetch(client.url + target)).status));
    expect(await refusals([`/orchestrations/inspections/${id}${query}`])).toEqual([200]);
    const other = await client.submit('stock');
    const flipped = `?token=${(body.token as string).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))}`;
    expect(
      await refusals([
        `/orchestrations/inspections/${other}${query}`,
        `/orchestrations/${other}/events${query}`,
        `/orchestrations${query}`,
        `/events${query}`,
        `/orchestrations/inspections/${id}?token=`,
        `/orchestrations/inspections/${id}?token=zzzzzzzz.${(body.token as string).split('.')[1]}`,
        `/orchestrations/inspections/${id}${flipped.slice(0, 20)}`,
      ]),
    ).toEqual(Array(7).fill(403));
    await clock.advance(15 * 60_000);
    expect(await refusals([`/orchestrations/inspections/${id}${query}`])).toEqual([403]);
  });

  it('is made only for orchestrations of the project that asks', async () => {
    await services();
    const id = await client.submit('stock');
    const stranger = await EngineClient.of(engine, 'other');
    expect((await stranger.ask('POST', `/orchestrations/${id}/tokens`)).status).toBe(400);
    expect((await client.ask('POST', '/orchestrations/o_nope/tokens')).status).toBe(400);
  });
});
