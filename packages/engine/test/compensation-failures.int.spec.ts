/** `/compensation-failures`, over HTTP and sockets, against what the public engine answered. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ManualClock } from '@orra-ts/common/testing';
import type { FakeService } from '@orra-ts/fakes';
import type { Engine } from '../src';
import { EngineClient, completeTask, connectService } from './support/engine-client';
import { items, pluck, type Json } from './support/json';
import { withEngine, type TestEngine, type WithEngineOptions } from './support/with-engine';

const recorded = JSON.parse(readFileSync(path.join(__dirname, 'fixtures/recorded-resources.json'), 'utf8'));
const recordedRecord = items(recorded.failures)[1].answer;

let engine: Engine;
let client: EngineClient;
let clock: ManualClock;
async function start(options: WithEngineOptions = {}): Promise<TestEngine> {
  clock = new ManualClock();
  const running = await withEngine({ clock, ...options });
  ({ engine, client } = running);
  return running;
}

/** One orchestration whose first task cannot be undone. */
async function failOne(stock: FakeService, card: FakeService, value = 'held'): Promise<{ id: string; revert: Json }> {
  const id = await client.submit('stock', 'card');
  await completeTask(stock, await stock.nextRequest(), value);
  await card.deliver(await card.nextRequest(), { abort: { reason: 'no funds' } });
  const revert = await stock.nextRequest();
  await stock.deliver(revert, { revert: { status: 'failed', error: 'it is shipped' } });
  return { id, revert };
}

async function services(): Promise<[FakeService, FakeService]> {
  return [await connectService(client, 'stock'), await connectService(client, 'card')];
}

describe('compensation failures', () => {
  it('are null at first, then listed newest first with the members of the original', async () => {
    await start();
    expect((await client.ask('GET', '/compensation-failures')).text).toBe('null');
    const [stock, card] = await services();
    const first = await failOne(stock, card, 'one');
    await clock.advance(1_000);
    const second = await failOne(stock, card, 'two');
    const { status, body } = await client.ask('GET', '/compensation-failures');
    expect(status).toBe(200);
    expect(pluck(body, 'orchestrationId')).toEqual([second.id, first.id]);
    const [newest] = items(body);
    expect(Object.keys(newest)).toEqual(Object.keys(recordedRecord));
    expect(Object.keys(newest.compensationData)).toEqual(Object.keys(recordedRecord.compensationData));
    expect(Object.keys(newest.compensationData.context)).toEqual(Object.keys(recordedRecord.compensationData.context));
    expect(newest).toMatchObject({
      id: expect.stringMatching(/^c_/),
      taskId: 'task1',
      serviceName: 'stock',
      compensationData: {
        data: { of: 'two' },
        context: { reason: 'aborted', payload: { reason: 'no funds' } },
        ttl: 60_000,
      },
      status: 'failed',
      resolutionState: 'pending',
      failure: 'it is shipped',
      attemptsMade: 1,
      maxAttempts: 10,
      resolvedAt: '0001-01-01T00:00:00Z',
    });
    expect((await client.ask('GET', `/compensation-failures/${newest.id}`)).body).toEqual(newest);
  });

  it('are listed by kind and by resolution; other values of both are rejected', async () => {
    await start();
    const [stock, card] = await services();
    const first = await failOne(stock, card, 'one');
    const second = await failOne(stock, card, 'two');
    const list = async (query: string): Promise<unknown[]> =>
      pluck((await client.ask('GET', `/compensation-failures?${query}`)).body ?? [], 'orchestrationId');
    const [, { id }] = (await client.ask('GET', '/compensation-failures')).body;
    await client.ask('POST', `/compensation-failures/${id}/ignore`, {});
    expect(await list('kind=failed')).toEqual([second.id, first.id]);
    expect(await list('kind=failed&resolution=pending')).toEqual([second.id]);
    expect(await list('resolution=ignored')).toEqual([first.id]);
    expect(await list('kind=in_doubt')).toEqual([]);
    for (const [param, value] of [
      ['kind', 'unknown'],
      ['resolution', ''],
    ]) {
      const { status, body } = await client.ask('GET', `/compensation-failures?${param}=${value}`);
      expect([status, body.error.param, body.error.message]).toEqual([
        400,
        param,
        expect.stringMatching(`^${param}: must be one of (failed|pending), `),
      ]);
    }
  });

  it('answer an unknown id with 400, and that of another project with an empty 403', async () => {
    await start();
    const unknown = items(recorded.failures).find((exchange: Json) => exchange.status === 400);
    const refused = await client.ask('GET', '/compensation-failures/c_nope');
    expect([refused.status, refused.body]).toEqual([400, unknown.answer]);
    const [stock, card] = await services();
    await failOne(stock, card);
    const [{ id }] = (await client.ask('GET', '/compensation-failures')).body;
    const stranger = await EngineClient.of(engine, 'other');
    for (const [method, target] of [
      ['GET', id],
      ['POST', `${id}/resolve`],
      ['POST', `${id}/retry`],
    ]) {
      const { status, text } = await stranger.ask(
        method,
        `/compensation-failures/${target}`,
        method === 'POST' ? {} : undefined,
      );
      expect([status, text]).toEqual([403, '']);
    }
    expect((await stranger.ask('GET', '/compensation-failures')).text).toBe('null');
  });

  it('are resolved and ignored with a JSON body, the newest counts', async () => {
    await start();
    const [stock, card] = await services();
    await failOne(stock, card);
    const [{ id }] = (await client.ask('GET', '/compensation-failures')).body;
    const withoutBody = await client.ask('POST', `/compensation-failures/${id}/resolve`, '');
    expect([withoutBody.status, withoutBody.body.error.message]).toEqual([400, 'EOF']);
    const resolved = await client.ask('POST', `/compensation-failures/${id}/resolve`, { reason: 'released by hand' });
    expect(resolved.status).toBe(200);
    expect(Object.keys(resolved.body)).toEqual(Object.keys(items(recorded.failures)[2].answer));
    expect(resolved.body).toMatchObject({ resolutionState: 'resolved', resolution: 'released by hand' });
    expect(resolved.body.resolvedAt).toBe(new Date(clock.now()).toISOString());
    const ignored = await client.ask('POST', `/compensation-failures/${id}/ignore`, {});
    expect(ignored.body.resolutionState).toBe('ignored');
    expect(ignored.body).not.toHaveProperty('resolution');
  });

  it('are tried again on request, under a new key, and resolved when that succeeds', async () => {
    await start();
    const [stock, card] = await services();
    const { id, revert } = await failOne(stock, card);
    const [{ id: failureId }] = (await client.ask('GET', '/compensation-failures')).body;
    await clock.advance(1_000);
    const retried = await client.ask('POST', `/compensation-failures/${failureId}/retry`);
    expect([retried.status, retried.body.resolutionState]).toEqual([200, 'pending']);
    const again = await stock.nextRequest();
    expect(again).toMatchObject({ type: 'compensation_request', input: revert.input });
    expect(again.idempotencyKey).not.toBe(revert.idempotencyKey);
    expect(items((await client.ask('GET', '/orchestrations')).body.aborted)[0].compensation.active).toBe(true);
    await stock.deliver(again, { revert: { status: 'completed' } });
    const { body } = await client.ask('GET', `/compensation-failures/${failureId}`);
    expect(body).toMatchObject({ resolutionState: 'resolved', resolution: 'compensated by a retry' });
    const [task] = items((await client.inspect(id)).tasks);
    expect(task.compensation.status).toBe('completed');
    expect(pluck(task.compensationHistory, 'status')).toEqual(['processing', 'failed', 'processing', 'completed']);
  });

  it('survive a restart, and a retry under way goes on (E3)', async () => {
    const first = await start({ persistent: true });
    const [stock, card] = await services();
    await failOne(stock, card);
    const before = (await client.ask('GET', '/compensation-failures')).body;
    const second = await first.restart();
    ({ engine, client } = second);
    expect((await client.ask('GET', '/compensation-failures')).body).toEqual(before);
    await client.ask('POST', `/compensation-failures/${before[0].id}/retry`);
    ({ engine, client } = await second.restart());
    const back = await connectService(client, 'stock', { id: stock.id });
    await back.deliver(await back.nextRequest(), { revert: { status: 'completed' } });
    const { body } = await client.ask('GET', `/compensation-failures/${before[0].id}`);
    expect(body.resolutionState).toBe('resolved');
  });
});
