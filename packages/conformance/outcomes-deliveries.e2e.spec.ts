/** Table 1 of the outcomes, over real sockets: a delivery whose orchestration ends badly. Titles name the rows. */
import type { OrchestrationHandle } from '@orra-ts/client';
import { FakeService } from '@orra-ts/fakes';
import { NonRetryableError } from '@orra-ts/sdk';
import type { ReplicaRun } from './outcomes/replica';
import { Shop, closeShops, type ShopOptions } from './outcomes/shop';

afterEach(closeShops);

/** The limit of an attempt and the wait after it (`taskTimeoutMs`, `doubtMs`). */
const LIMIT_MS = 30_000;
const DOUBT_MS = 60_000;
const GRACE_MS = 2_000;

interface Running {
  readonly shop: Shop;
  readonly order: OrchestrationHandle;
  /** The run of `pay`, which uses the output of `stock`. */
  readonly run: ReplicaRun;
}

async function running(options: ShopOptions = {}): Promise<Running> {
  const shop = await Shop.open(options);
  const order = await shop.submit('stock', 'pay');
  return { shop, order, run: await shop.runs.next() };
}

/** The replica that runs `pay` is cut off, and the other one has the key too. */
async function runningTwice(options: ShopOptions = {}): Promise<Running & { readonly second: ReplicaRun }> {
  const names = ['stock', 'pay'] as const;
  const all = await running({ replicas: [names, names], ...options });
  await all.run.replica.cut();
  await all.shop.clock.advance(GRACE_MS);
  return { ...all, second: options.onCrash === 'fail' ? all.run : await all.shop.runs.next() };
}

const settled = (order: OrchestrationHandle): Promise<unknown> => order.settled({ timeout: '20s' });

it('row 1: a task that was never handed to a connection has no doubt, and does not run later', async () => {
  const shop = await Shop.open();
  const [replica] = shop.replicas;
  await replica?.cut();
  const order = await shop.submit('pay');
  await order.cancel();
  await settled(order);
  replica?.restore();
  const next = await shop.submit('pay');
  const run = await shop.runs.next();
  run.succeed('paid');
  await next.result({ timeout: '20s' });
  expect([shop.runs.count, shop.undone, await shop.list()]).toEqual([0, [], []]);
});

it('row 2: a task in the queue of its service is dropped, and never starts', async () => {
  const { shop, order, run } = await running({ concurrency: 1 });
  const queued = await shop.submit('pay');
  await shop.until(async () => (await queued.inspect()).tasks?.[0]?.status === 'processing');
  await queued.cancel();
  await settled(queued);
  run.succeed('paid');
  await order.result({ timeout: '20s' });
  expect([shop.runs.count, shop.undone, await shop.list()]).toEqual([0, [], []]);
});

describe('row 3: running within its limit', () => {
  it('its signal fires, the task that it was built on is held, and a late success is undone before that', async () => {
    const { shop, order, run } = await running();
    await order.cancel();
    expect(await run.signalled()).toBe('cancelled');
    expect(shop.undone).toEqual([]);
    run.succeed('paid');
    await settled(order);
    expect([shop.undone, await shop.list()]).toEqual([['pay paid', 'stock held'], []]);
  });

  it.each<[string, (run: ReplicaRun) => void]>([
    ['a failure', (run) => run.fail(new NonRetryableError('declined'))],
    ['an abort', (run) => run.abort('SOLD_OUT')],
  ])('%s settles it', async (_, end) => {
    const { shop, order, run } = await running();
    await order.cancel();
    await run.signalled();
    end(run);
    await settled(order);
    expect([shop.undone, await shop.list()]).toEqual([['stock held'], []]);
  });

  it("a failure is reverted without output, with also: ['failed']", async () => {
    const { shop, order, run } = await running({ also: ['failed'] });
    await order.cancel();
    await run.signalled();
    run.fail(new NonRetryableError('declined'));
    await settled(order);
    expect([shop.undone, await shop.list()]).toEqual([['pay failed', 'stock held'], []]);
  });

  it('without a response, the other task is undone at the limit, and this one is in doubt a minute later', async () => {
    const { shop, order, run } = await running();
    await order.cancel();
    await run.signalled();
    await shop.clock.advance(LIMIT_MS);
    await shop.reverted(order, 'stock');
    expect([shop.undone, await shop.list()]).toEqual([['stock held'], []]);
    await shop.clock.advance(DOUBT_MS);
    await settled(order);
    expect(await shop.list()).toEqual(['pay in_doubt pending']);
  });
});

it('row 4: its limit has passed: it is asked, its dependency is not held, and a late success is undone', async () => {
  const { shop, order, run } = await running({ timings: { taskMaxAttempts: 1 } });
  await shop.clock.advance(LIMIT_MS);
  expect(await run.signalled()).toBe('cancelled');
  await shop.until(() => Promise.resolve(shop.undone.length > 0));
  expect(shop.undone).toEqual(['stock held']);
  run.succeed('paid');
  await settled(order);
  expect([shop.undone, await shop.list()]).toEqual([['stock held', 'pay paid'], []]);
});

describe('row 5: its holder is disconnected', () => {
  it('it is asked when the service claims the key, and a late success is undone', async () => {
    const { shop, order, run } = await running();
    await run.replica.cut();
    await order.cancel();
    run.replica.restore();
    expect(await run.signalled()).toBe('cancelled');
    run.succeed('paid');
    await settled(order);
    expect([shop.undone, await shop.list()]).toEqual([['pay paid', 'stock held'], []]);
  });

  it('the record does not require a reconnect; after one, a late success resolves it', async () => {
    const { shop, order, run } = await running();
    await run.replica.cut();
    await order.cancel();
    await shop.clock.advance(LIMIT_MS);
    await shop.clock.advance(DOUBT_MS);
    expect(await shop.record()).toMatchObject({ taskId: 'pay', status: 'in_doubt', resolutionState: 'pending' });
    run.replica.restore();
    run.succeed('paid');
    await shop.until(async () => (await shop.record()).resolutionState === 'resolved');
    expect(shop.undone.filter((what) => what.startsWith('pay'))).toEqual(['pay paid']);
  });
});

it('row 6: its process crashed: the next one responds `interrupted`, and it is in doubt at once', async () => {
  const { shop, order, run } = await running();
  await run.replica.crash();
  await order.cancel();
  await run.replica.start();
  await settled(order);
  expect([shop.undone, await shop.list(), shop.runs.count]).toEqual([['stock held'], ['pay in_doubt pending'], 0]);
});

it('row 7: failed without an effect, and the other run succeeds late: it is undone', async () => {
  const { shop, order, run, second } = await runningTwice();
  second.fail(new NonRetryableError('declined'));
  await order.result({ timeout: '20s' });
  run.replica.restore();
  expect(await run.signalled()).toBe('cancelled');
  run.succeed('paid');
  await shop.until(() => Promise.resolve(shop.undone.includes('pay paid')));
  await settled(order);
  expect([[...shop.undone].sort(), await shop.list()]).toEqual([['pay paid', 'stock held'], []]);
});

describe("row 8: failed with an unknown effect, by onCrash: 'fail' in another replica", () => {
  it('it is in doubt at once; a late success is undone and resolves the record', async () => {
    const { shop, run } = await runningTwice({ onCrash: 'fail' });
    expect(await shop.record()).toMatchObject({ taskId: 'pay', status: 'in_doubt' });
    run.replica.restore();
    run.succeed('paid');
    await shop.until(async () => (await shop.record()).resolutionState === 'resolved');
    expect(shop.undone).toContain('pay paid');
  });

  it('a late failure resolves the record, and nothing is undone', async () => {
    const { shop, run } = await runningTwice({ onCrash: 'fail' });
    await shop.record();
    run.replica.restore();
    run.fail(new NonRetryableError('declined'));
    await shop.until(async () => (await shop.record()).resolutionState === 'resolved');
    expect(shop.undone).toEqual(['stock held']);
  });
});

describe('row 9: aborted', () => {
  it('it is not undone, the tasks before it are', async () => {
    const { shop, order, run } = await running({ also: ['failed', 'unknown'] });
    run.abort('SOLD_OUT');
    await settled(order);
    expect([shop.undone, await shop.list()]).toEqual([['stock held'], []]);
  });

  it('a success from another delivery is undone', async () => {
    const { shop, order, run, second } = await runningTwice();
    second.abort('SOLD_OUT');
    await order.result({ timeout: '20s' });
    run.replica.restore();
    await run.signalled();
    run.succeed('paid');
    await shop.until(() => Promise.resolve(shop.undone.includes('pay paid')));
    expect(await shop.list()).toEqual([]);
  });
});

it('row 10: completed and acknowledged: it is undone, in reverse order of completion', async () => {
  const shop = await Shop.open();
  const order = await shop.submit('stock', 'pay', 'mail');
  (await shop.runs.next()).succeed('paid');
  (await shop.runs.next()).fail(new NonRetryableError('no address'));
  await settled(order);
  expect([shop.undone, await shop.list()]).toEqual([['pay paid', 'stock held'], []]);
});

describe('row 11: completed, while another delivery of the key still runs elsewhere', () => {
  it.each([
    ['equal', 'paid', []],
    ['different', 'paid twice', ['pay duplicate pending']],
  ])('it is notified; its success is %s', async (_, message, records) => {
    const { shop, order, run, second } = await runningTwice();
    expect([run.task.interrupted, second.task.interrupted]).toEqual([false, true]);
    second.succeed('paid');
    expect(await order.result({ timeout: '20s' })).toMatchObject({ status: 'completed', output: { message: 'paid' } });
    run.replica.restore();
    expect(await run.signalled()).toBe('cancelled');
    await run.replica.deliver(() => run.succeed(message));
    expect([shop.undone, await shop.list()]).toEqual([[], records]);
  });
});

it('row 12: an SDK without capabilities is not asked; it is in doubt, and a late success is undone', async () => {
  const shop = await Shop.open({ replicas: [['stock']] });
  const spec = { type: 'object', properties: { message: { type: 'string' } } };
  const pay = await FakeService.start({
    url: shop.url,
    apiKey: shop.apiKey,
    name: 'pay',
    description: 'Pays',
    schema: { input: spec, output: spec },
    revertible: true,
    onTask: () => undefined,
    onRevert: () => undefined,
  });
  try {
    const order = await shop.submit('stock', 'pay');
    const request = await pay.nextRequest();
    await order.cancel();
    await shop.clock.advance(LIMIT_MS);
    await shop.clock.advance(DOUBT_MS);
    expect(await shop.record()).toMatchObject({ taskId: 'pay', status: 'in_doubt' });
    expect(pay.received.filter(({ type }) => type === 'task_cancel')).toEqual([]);
    const compensation = { data: { originalTask: {}, taskResult: { message: 'paid' } }, ttl: 60_000 };
    await pay.deliver(request, { output: { message: 'paid' }, compensation });
    const revert = await pay.nextRequest();
    expect(revert).toMatchObject({ type: 'compensation_request', input: { taskResult: { message: 'paid' } } });
    await pay.deliver(revert, { revert: { status: 'completed' } });
    expect(await shop.record()).toMatchObject({ resolutionState: 'resolved', resolution: 'reverted late' });
  } finally {
    await pay.close();
  }
});

it('row 13: a task that is not revertible is notified and not waited for; its late success is kept', async () => {
  const shop = await Shop.open();
  const order = await shop.submit('mail');
  const run = await shop.runs.next();
  await order.cancel();
  await settled(order);
  const effect = async (): Promise<unknown> => (await order.inspect()).tasks?.[0]?.effect;
  expect(await effect()).toBe('unknown');
  expect(await run.signalled()).toBe('cancelled');
  run.succeed('sent');
  await shop.until(async () => (await effect()) === 'kept');
  expect((await order.inspect()).tasks?.[0]?.output).toEqual({ message: 'sent' });
  expect([shop.undone, await shop.list()]).toEqual([[], []]);
});
