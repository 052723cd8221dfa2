import { once } from 'node:events';
import { request } from 'node:http';
import { API_KEY, SERVICE_ID, startGateway, type GatewayUnderTest } from './support/gateway-under-test';

let under: GatewayUnderTest;

beforeEach(async () => {
  under = await startGateway();
});

/** Calls `end` twice, then lets what both wait for happen. Resolves with the calls in the order in which they resolved. */
async function orderOf(end: () => Promise<void>, happen: () => void): Promise<number[]> {
  const order: number[] = [];
  const calls = [1, 2].map((call) => end().then(() => order.push(call)));
  happen();
  await Promise.all(calls);
  return order;
}

describe('a gateway that is told twice to end', () => {
  // A call whose waiter is lost resolves after the grace period of its step, and so behind the other one.
  it('drains for both callers when the last message is committed', async () => {
    const { core, gateway, connect } = under;
    core.commitsAtOnce = false;
    const socket = await connect();
    socket.send({
      id: 'm1',
      payload: {
        type: 'task_status',
        taskId: 'task1',
        executionId: 'e1',
        serviceId: SERVICE_ID,
        idempotencyKey: 'k1',
        timestamp: '2026-01-01T00:00:00Z',
        status: 'in_progress',
      },
    });
    await core.until(1);
    const order = await orderOf(
      () => gateway.drain(),
      () => core.handed[0]?.commit(),
    );
    expect(order).toEqual([1, 2]);
    await gateway.close();
  });

  it('closes for both callers when the last connection has gone', async () => {
    const { gateway, connect } = under;
    const socket = await connect();
    const order = await orderOf(
      () => gateway.close(),
      () => socket.close(),
    );
    expect(order).toEqual([1, 2]);
  });

  it('closes for both callers when the last response has ended', async () => {
    const { gateway, url } = under;
    const sent = request(`${url}/orchestrations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-length': 10, expect: '100-continue' },
    });
    sent.on('error', () => undefined);
    sent.flushHeaders();
    // The gateway has the request from here on, and waits for its body.
    await once(sent, 'continue');
    const order = await orderOf(
      () => gateway.close(),
      () => sent.destroy(),
    );
    expect(order).toEqual([1, 2]);
  });
});
