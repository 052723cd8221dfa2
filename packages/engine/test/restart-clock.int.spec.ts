/**
 * E11: the wall clock is set while the engine does not run. Attempt limits and health grace periods start again, all other
 * deadlines continue from `clamp(deadline - now, 0, full duration)`.
 */
import { DEFAULT_TIMINGS } from '../src/options';
import { type TestConnection, TestCore, chain } from './support/test-core';

let test: TestCore;
afterEach(() => test.close());

const DAY_AND_HOUR_MS = 25 * 3_600_000;
const BACK = -DAY_AND_HOUR_MS;
const FORWARD = DAY_AND_HOUR_MS;
const FINAL = { code: 'NO', retryable: false };
const { taskTimeoutMs, healthGraceMs, doubtMs, disconnectGraceMs, taskRetryBaseMs } = DEFAULT_TIMINGS;
/** Events from the future count as a millisecond before the start. */
const START_MS = 1;

async function restart(clockMovedMs: number): Promise<void> {
  await test.kill();
  test.clock.jumpWallClock(clockMovedMs);
  await test.boot();
}

async function running(): Promise<{ id: string; stock: TestConnection }> {
  test = await TestCore.start();
  const stock = await test.service('stock');
  const { id } = await test.submit(chain('stock'));
  return { id, stock };
}

const phaseOf = async (id: string): Promise<string | undefined> =>
  (await test.state(id)).tasks.get('task1')?.phase.kind;
const recordKinds = async (): Promise<string[]> =>
  (await test.core.compensationFailures.list(test.project)).map(({ status }) => status);

/** Resolves with the time after which the condition holds, which must be so within the limit. */
async function passesUntil(limitMs: number, holds: () => Promise<boolean>): Promise<void> {
  await test.clock.advance(limitMs - 2 * START_MS);
  expect(await holds()).toBe(false);
  await test.clock.advance(2 * START_MS);
  expect(await holds()).toBe(true);
}

describe.each([
  ['back', BACK],
  ['forward', FORWARD],
])('the clock was set %s by 25 h before a restart', (direction, movedMs) => {
  it('the limit of an attempt starts again', async () => {
    const { id, stock } = await running();
    await test.clock.advance(20_000);
    await restart(movedMs);
    test.reconnect(stock);
    await passesUntil(taskTimeoutMs, async () => (await phaseOf(id)) === 'backing_off');
  });

  it('the grace period of an unavailable service starts again', async () => {
    const { id, stock } = await running();
    test.core.connections.disconnected(stock);
    await test.clock.advance(disconnectGraceMs + healthGraceMs / 2);
    expect(await phaseOf(id)).toBe('paused');
    await restart(movedMs);
    await test.clock.advance(disconnectGraceMs);
    await test.clock.advance(healthGraceMs - disconnectGraceMs - 1);
    expect((await test.state(id)).status).toBe('processing');
    await test.clock.advance(disconnectGraceMs + START_MS);
    expect((await test.state(id)).status).toBe('failed');
  });

  it(`a back-off ${direction === 'back' ? 'continues with at most its full duration' : 'is over'}`, async () => {
    const { stock } = await running();
    await stock.failure('busy');
    await restart(movedMs);
    const again = test.reconnect(stock);
    if (direction === 'back') await passesUntil(taskRetryBaseMs, () => Promise.resolve(again.sent.length === 1));
    else await test.settle();
    expect(again.lastRequest).toMatchObject({ type: 'task_request' });
  });

  it(`the wait for an outcome ${direction === 'back' ? 'does not exceed its full duration' : 'starts again with the limit'}`, async () => {
    const { id } = await running();
    await test.core.orchestrations.cancel(test.project, id, 'not needed');
    await test.clock.advance(10_000);
    await restart(movedMs);
    await passesUntil(taskTimeoutMs + doubtMs, async () => (await recordKinds()).includes('in_doubt'));
  });

  it(`a TTL ${direction === 'back' ? 'continues with at most its full duration' : 'is over'}`, async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    const ship = await test.service('ship', { revertible: false });
    await test.submit(chain('stock', 'ship'));
    await stock.result({ value: 'held' });
    await test.settle();
    test.core.connections.disconnected(stock);
    await test.clock.advance(disconnectGraceMs);
    await ship.failure('broken', FINAL);
    await test.clock.advance(30_000);
    await restart(movedMs);
    // The result was sent with a TTL of 60 s; after a start the service has the grace period to connect.
    if (direction === 'forward') await test.settle();
    else await passesUntil(60_000, async () => (await recordKinds()).includes('expired'));
    expect(await recordKinds()).toEqual(['expired']);
  });
});

it('views show deadlines as the engine decides them, after the clock was set back', async () => {
  const { id } = await running();
  await test.core.orchestrations.cancel(test.project, id, 'not needed');
  await restart(BACK);
  const history = await test.core.orchestrations.history(test.project, id);
  const latest = Math.max(
    0,
    ...[...(history?.state.tasks.values() ?? [])].flatMap((task) => task.deliveries.map(({ at }) => at)),
  );
  expect(latest).toBeLessThan(test.core.time.now());
});
