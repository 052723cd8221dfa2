/** Table 2 of the outcomes, over real sockets: the orchestration still runs, or has completed. Titles name the rows. */
import type { OrchestrationHandle } from '@orra-ts/client';
import { FakeModel, modelReply } from '@orra-ts/fakes';
import type { ReplicaRun } from './outcomes/replica';
import { Shop, closeShops, type ShopOptions } from './outcomes/shop';

afterEach(closeShops);

const LIMIT_MS = 30_000;
const BACKOFF_MS = 2_200;
const GRACE_MS = 2_000;
const CLAIM_WAIT_MS = 30_000;

const result = (order: OrchestrationHandle): Promise<unknown> => order.result({ timeout: '20s' });
const paid = { status: 'completed', output: { message: 'paid' } };

/** Two replicas, one of which runs `pay`. */
async function oneOfTwoRuns(options: ShopOptions = {}) {
  const shop = await Shop.open({ replicas: [['pay'], ['pay']], ...options });
  const order = await shop.submit('pay');
  return { shop, order, run: await shop.runs.next() };
}

const attempts = async (order: OrchestrationHandle): Promise<number> =>
  ((await order.inspect()).tasks?.[0]?.statusHistory ?? []).filter(({ status }) => status === 'processing').length;

async function timedOut(shop: Shop, order: OrchestrationHandle): Promise<void> {
  await shop.clock.advance(LIMIT_MS);
  await shop.clock.advance(BACKOFF_MS);
  await shop.until(async () => (await attempts(order)) === 2);
}

/** Resolves when the newest attempt has failed. */
const failed = (shop: Shop, order: OrchestrationHandle): Promise<void> =>
  shop.until(async () => (await order.inspect()).tasks?.[0]?.status === 'failed');

describe('timed out, next attempt due, holder open', () => {
  it('the attempt joins the run: no other replica gets the key, and the outcome counts', async () => {
    const { shop, order, run } = await oneOfTwoRuns();
    await timedOut(shop, order);
    run.succeed('paid');
    expect(await result(order)).toMatchObject(paid);
    expect(shop.runs.count).toBe(0);
  });

  it('a failure counts for the newest attempt: the next one does not wait for its limit', async () => {
    const { shop, order, run } = await oneOfTwoRuns();
    await timedOut(shop, order);
    run.fail(new Error('the bank is busy'));
    await failed(shop, order);
    await shop.clock.advance(2 * BACKOFF_MS);
    const next = await shop.runs.next();
    expect(await attempts(order)).toBe(3);
    next.succeed('paid');
    expect(await result(order)).toMatchObject(paid);
  });
});

it('same, holder closed and key unclaimed: after the grace period another connection gets it, in doubt', async () => {
  const { shop, order, run } = await oneOfTwoRuns();
  await timedOut(shop, order);
  await run.replica.cut();
  await shop.clock.advance(GRACE_MS - 1);
  expect(shop.runs.count).toBe(0);
  await shop.clock.advance(1);
  const second = await shop.runs.next();
  expect([second.task.idempotencyKey, second.task.interrupted]).toEqual([run.task.idempotencyKey, true]);
  second.succeed('paid');
  expect(await result(order)).toMatchObject(paid);
});

it('same, holder reconnected: it claims its key within the grace period, and keeps it', async () => {
  const { shop, order, run } = await oneOfTwoRuns();
  const before = await shop.connections();
  await run.replica.cut();
  run.replica.restore();
  await shop.until(async () => (await shop.connections()) === before);
  await shop.clock.advance(GRACE_MS);
  run.succeed('paid');
  expect(await result(order)).toMatchObject(paid);
  expect(shop.runs.count).toBe(0);
});

it('the service reported that the attempt failed: the other connection gets the next one, without doubt', async () => {
  const { shop, order, run } = await oneOfTwoRuns();
  run.fail(new Error('the bank is busy'));
  await failed(shop, order);
  await shop.clock.advance(BACKOFF_MS);
  const next = await shop.runs.next();
  expect(next.replica).not.toBe(run.replica);
  expect([next.task.attempt, next.task.interrupted]).toEqual([2, false]);
  next.succeed('paid');
  expect(await result(order)).toMatchObject(paid);
});

it('a success during the back-off completes the task', async () => {
  const { shop, order, run } = await oneOfTwoRuns();
  await shop.clock.advance(LIMIT_MS);
  run.succeed('paid');
  expect(await result(order)).toMatchObject(paid);
  expect([shop.runs.count, await attempts(order)]).toEqual([0, 1]);
});

it('a success from the older delivery completes the task; the other holder is notified', async () => {
  const { shop, order, run } = await oneOfTwoRuns();
  await run.replica.cut();
  await shop.clock.advance(GRACE_MS);
  const second = await shop.runs.next();
  run.replica.restore();
  run.succeed('paid');
  expect(await result(order)).toMatchObject(paid);
  expect(await second.signalled()).toBe('cancelled');
});

describe('completed orchestration, second success of the key', () => {
  async function completedOnce(): Promise<{ shop: Shop; first: ReplicaRun }> {
    const { shop, order, run } = await oneOfTwoRuns();
    await run.replica.cut();
    await shop.clock.advance(GRACE_MS);
    (await shop.runs.next()).succeed('paid');
    await result(order);
    return { shop, first: run };
  }

  it.each([
    ['equal: no change', 'paid', []],
    ['different: a duplicate record, and no revert', 'paid twice', ['pay duplicate pending']],
  ])('%s', async (_, message, records) => {
    const { shop, first } = await completedOnce();
    await first.replica.deliver(() => first.succeed(message));
    expect([await shop.list(), shop.undone]).toEqual([records, []]);
  });

  it('also after a restart of the engine', async () => {
    const { shop, first } = await completedOnce();
    await shop.restartEngine();
    first.succeed('paid twice');
    first.replica.restore();
    expect(await shop.record()).toMatchObject({ status: 'duplicate' });
  });
});

describe('the engine restarts', () => {
  it('a running task stays with the service that claims it', async () => {
    const { shop, order, run } = await oneOfTwoRuns();
    await shop.restartEngine();
    await shop.until(async () => (await shop.connections()) === 2);
    await shop.clock.advance(CLAIM_WAIT_MS);
    run.succeed('paid');
    expect(await result(order)).toMatchObject(paid);
    expect(shop.runs.count).toBe(0);
  });

  it('unclaimed, the task goes to another connection after 30 s, in doubt', async () => {
    const { shop, order, run } = await oneOfTwoRuns();
    await run.replica.cut();
    await shop.restartEngine();
    await shop.until(async () => (await shop.connections()) === 1);
    await shop.clock.advance(CLAIM_WAIT_MS - 1);
    expect(shop.runs.count).toBe(0);
    await shop.clock.advance(1);
    const second = await shop.runs.next();
    expect(second.replica).not.toBe(run.replica);
    expect([second.task.idempotencyKey, second.task.interrupted]).toEqual([run.task.idempotencyKey, true]);
    second.succeed('paid');
    expect(await result(order)).toMatchObject(paid);
  });
});

it('a submission that is cancelled during planning: nothing is delivered', async () => {
  const model = await FakeModel.start();
  try {
    model.enqueue(modelReply.hang());
    const shop = await Shop.open({ replicas: [['pay']], model: { baseUrl: model.baseUrl, model: 'm-1' } });
    const submitted = shop.orra
      .action('Pay the order')
      .with({ message: 'order' })
      .submit()
      .catch((error: unknown) => error);
    const { aborted } = await model.received(1);
    const { pending = [] } = await shop.orra.orchestrations.list();
    await shop.orra.orchestrations.cancel(pending[0]?.id ?? '');
    await aborted;
    await submitted;
    const order = await shop.submit('pay');
    (await shop.runs.next()).succeed('paid');
    expect(await result(order)).toMatchObject(paid);
    expect([shop.runs.count, Object.keys(await shop.orra.orchestrations.list()).sort()]).toEqual([
      0,
      ['cancelled', 'completed'],
    ]);
  } finally {
    await model.close();
  }
});
