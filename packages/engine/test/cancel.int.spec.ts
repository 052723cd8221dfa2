/** `POST /orchestrations/{id}/cancel`, over HTTP and sockets. */
import type { Engine } from '../src';
import { EngineClient, completeTask, connectService } from './support/engine-client';
import { TestCore, chain } from './support/test-core';
import { withEngine } from './support/with-engine';

let engine: Engine;
let client: EngineClient;
beforeEach(async () => {
  ({ engine, client } = await withEngine());
});

describe('cancelling', () => {
  it('ends what runs, answers with the inspection and compensates what was done', async () => {
    const stock = await connectService(client, 'stock', { capabilities: ['task-meta'] });
    const card = await connectService(client, 'card');
    const id = await client.submit('stock', 'card');
    await completeTask(stock, await stock.nextRequest(), 'held');
    const running = await card.nextRequest();
    const { status, body } = await client.ask('POST', `/orchestrations/${id}/cancel`, { reason: 'the customer left' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, status: 'cancelled', error: 'the customer left' });
    expect(body.tasks[1]).toMatchObject({ id: 'task2', status: 'cancelled' });
    // Work is undone after the work that was built on it (E13).
    await card.deliver(running, { error: 'stopped' });
    const revert = await stock.nextRequest();
    expect(revert).toMatchObject({
      type: 'compensation_request',
      compensationContext: { orchestrationId: id, reason: 'cancelled', payload: { reason: 'the customer left' } },
    });
    await stock.deliver(revert, { revert: { status: 'completed' } });
    expect((await client.inspect(id)).tasks[0].compensation).toMatchObject({ status: 'completed' });
  });

  it('tells services of other SDKs of an abort, with the reason as its payload', async () => {
    const stock = await connectService(client, 'stock');
    const card = await connectService(client, 'card');
    const id = await client.submit('stock', 'card');
    await completeTask(stock, await stock.nextRequest(), 'held');
    const running = await card.nextRequest();
    await client.ask('POST', `/orchestrations/${id}/cancel`, '');
    await card.deliver(running, { error: 'stopped' });
    expect(await stock.nextRequest()).toMatchObject({
      compensationContext: { reason: 'aborted', payload: { reason: 'cancelled by request' } },
    });
  });

  it('changes nothing that has ended (E2, E5)', async () => {
    const stock = await connectService(client, 'stock');
    const id = await client.submit('stock');
    await completeTask(stock, await stock.nextRequest(), 'held');
    const { status, body } = await client.ask('POST', `/orchestrations/${id}/cancel`, { reason: 'too late' });
    expect([status, body.status]).toEqual([200, 'completed']);
    const other = await client.submit('stock');
    for (const reason of ['first', 'second']) {
      const answer = await client.ask('POST', `/orchestrations/${other}/cancel`, { reason });
      expect(answer.body).toMatchObject({ status: 'cancelled', error: 'first' });
    }
  });

  it('puts it into a group of its own in the list', async () => {
    await connectService(client, 'stock');
    const id = await client.submit('stock');
    await client.ask('POST', `/orchestrations/${id}/cancel`);
    const { body } = await client.ask('GET', '/orchestrations');
    expect(Object.keys(body)).toEqual(['cancelled']);
    expect(body.cancelled[0]).toMatchObject({ id, status: 'cancelled', error: 'cancelled by request' });
  });

  it('does not know what another project runs', async () => {
    await connectService(client, 'stock');
    const id = await client.submit('stock');
    const stranger = await EngineClient.of(engine, 'other');
    for (const target of [id, 'o_nope']) {
      const { status, body } = await stranger.ask('POST', `/orchestrations/${target}/cancel`, {});
      expect(status).toBe(400);
      expect(body.error).toMatchObject({ kind: 'item does not exist', code: 'Orra:UnknownOrchestration' });
    }
    expect((await client.inspect(id)).status).toBe('processing');
  });

  it('ends what is still being planned, and the plan that comes then starts nothing', async () => {
    let answer!: () => void;
    const planner = {
      plan: () => new Promise<undefined>((resolve) => (answer = () => resolve(undefined))),
    };
    const test = await TestCore.start({}, { planner });
    await test.service('stock');
    const submitted = test.submit(chain('stock'));
    await test.settle();
    const [listed] = await test.core.orchestrations.list(test.project);
    expect(listed?.status).toBe('pending');
    expect(await test.core.orchestrations.cancel(test.project, listed?.id ?? '', 'no need')).toBe(true);
    answer();
    await expect(submitted).rejects.toThrow('was cancelled during planning: no need');
    expect(await test.state(listed?.id ?? '')).toMatchObject({ status: 'cancelled', error: 'no need' });
    await test.close();
  });
});
