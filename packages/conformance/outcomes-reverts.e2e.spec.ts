/** Table 3 of the outcomes, over real sockets: late responses and other events of reverts. Titles name the rows. */
import type { OrchestrationHandle } from '@orra-ts/client';
import { CompensationResult, NonRetryableError } from '@orra-ts/sdk';
import type { ReplicaRun, ReplicaRevert } from './outcomes/replica';
import { Shop, closeShops, type ShopOptions } from './outcomes/shop';

afterEach(closeShops);

const LIMIT_MS = 30_000;
const DOUBT_MS = 60_000;
const GRACE_MS = 2_000;
const settled = (order: OrchestrationHandle): Promise<unknown> => order.settled({ timeout: '20s' });
const partial = CompensationResult.partial({ completed: ['fee'], remaining: ['amount'] });

/** `pay` has succeeded and `mail` has failed: `pay` is reverted. */
async function reverting(
  options: ShopOptions = {},
): Promise<{ shop: Shop; order: OrchestrationHandle; revert: ReplicaRevert }> {
  const shop = await Shop.open({ revertsAtOnce: false, timings: { compensationMaxAttempts: 1 }, ...options });
  const order = await shop.submit('pay', 'mail');
  (await shop.runs.next()).succeed('paid');
  (await shop.runs.next()).fail(new NonRetryableError('no address'));
  return { shop, order, revert: await shop.reverts.next() };
}

/** The same, and the engine has given the revert up. */
async function givenUp(options: ShopOptions = {}): Promise<Awaited<ReturnType<typeof reverting>>> {
  const all = await reverting(options);
  await all.shop.clock.advance(LIMIT_MS);
  expect(await all.shop.record()).toMatchObject({ taskId: 'pay', status: 'failed' });
  return all;
}

/** `pay` runs in a replica that is cut off, and its orchestration is cancelled. The other replica can revert. */
async function doubtful(
  options: ShopOptions = {},
): Promise<{ shop: Shop; order: OrchestrationHandle; run: ReplicaRun }> {
  const shop = await Shop.open({ replicas: [['pay'], ['pay']], ...options });
  const order = await shop.submit('pay');
  const run = await shop.runs.next();
  await run.replica.cut();
  await order.cancel();
  await shop.clock.advance(LIMIT_MS);
  await shop.clock.advance(DOUBT_MS);
  return { shop, order, run };
}

describe('given up', () => {
  it('a late success: it is reverted, and its record is resolved', async () => {
    const { shop, revert } = await givenUp();
    revert.complete();
    await shop.until(async () => (await shop.record()).resolutionState === 'resolved');
    expect((await shop.record()).resolution).toBe('reverted late');
  });

  it('a late part: its record becomes `partial`', async () => {
    const { shop, revert } = await givenUp();
    revert.complete(partial);
    await shop.until(async () => (await shop.record()).status === 'partial');
    expect(await shop.record()).toMatchObject({
      completed: ['fee'],
      remaining: ['amount'],
      resolutionState: 'pending',
    });
  });

  it('a late failure: no change', async () => {
    const { shop, revert } = await givenUp();
    const before = await shop.record();
    const failure = CompensationResult.failed(new Error('the account is closed'));
    await revert.replica.deliver(() => revert.complete(failure));
    expect(await shop.record()).toEqual(before);
  });

  it('`retry` on `failed`: another round', async () => {
    const { shop, order, revert } = await reverting();
    revert.fail(new Error('the bank is busy'));
    const { id, status } = await shop.record();
    expect(status).toBe('failed');
    await shop.orra.compensationFailures.retry(id);
    const second = await shop.reverts.next();
    second.complete();
    await settled(order);
    expect(await shop.list()).toEqual(['pay failed resolved']);
  });

  it('retried by an operator, round 2 runs, success of round 1: completed, and round 2 changes nothing', async () => {
    const names = ['pay', 'mail'] as const;
    const { shop, order, revert } = await givenUp({ replicas: [names, names] });
    await revert.replica.cut();
    await shop.orra.compensationFailures.retry((await shop.record()).id);
    const second = await shop.reverts.next();
    revert.replica.restore();
    revert.complete();
    await shop.reverted(order, 'pay');
    const records = await shop.records();
    await second.replica.deliver(() => second.complete(partial));
    expect(await shop.records()).toEqual(records);
    expect((await order.inspect()).tasks?.[0]?.compensation?.status).toBe('completed');
  });
});

describe('a revert without output', () => {
  it.each<[string, boolean]>([
    ['runs: the second revert waits until it ends', false],
    ['has completed: the second revert follows', true],
  ])('late success of the task while it %s, with the output and under another key', async (_, isDone) => {
    const { shop, order, run } = await doubtful({ also: ['unknown'], revertsAtOnce: false });
    const first = await shop.reverts.next();
    expect([first.source.outcome, first.source.output]).toEqual(['unknown', undefined]);
    if (isDone) {
      first.complete();
      await settled(order);
    }
    await run.replica.deliver(() => run.succeed('paid'));
    if (!isDone) {
      expect(shop.reverts.count).toBe(0);
      first.complete();
    }
    const second = await shop.reverts.next();
    expect(second.source).toMatchObject({ outcome: 'completed', output: { message: 'paid' } });
    expect(second.source.idempotencyKey).not.toBe(first.source.idempotencyKey);
    second.complete();
    await settled(order);
    expect([shop.undone, await shop.list()]).toEqual([['pay unknown', 'pay paid'], []]);
  });
});

describe('record `in_doubt`', () => {
  it('pending, late success: it is undone, and this resolves the record', async () => {
    const { shop, run } = await doubtful();
    expect(await shop.record()).toMatchObject({ status: 'in_doubt', resolutionState: 'pending' });
    run.replica.restore();
    run.succeed('paid');
    await shop.until(async () => (await shop.record()).resolutionState === 'resolved');
    expect(shop.undone).toEqual(['pay paid']);
  });

  it.each(['resolve', 'ignore'] as const)(
    'after the decision %s, a late success is shown, and not reverted',
    async (decision) => {
      const { shop, order, run } = await doubtful();
      const { id } = await shop.record();
      const { resolutionState } = await shop.orra.compensationFailures[decision](id, 'checked with the bank');
      run.replica.restore();
      run.succeed('paid');
      await shop.until(async () => (await shop.record()).lateOutput !== undefined);
      await settled(order);
      expect(await shop.record()).toMatchObject({ resolutionState, lateOutput: { message: 'paid' } });
      expect((await order.inspect()).tasks?.[0]?.lateOutput).toEqual({ message: 'paid' });
      expect([shop.undone, shop.reverts.count]).toEqual([[], 0]);
    },
  );

  it('`retry` without `also`: rejected with the reason, and the record stays', async () => {
    const { shop } = await doubtful();
    const { id } = await shop.record();
    await expect(shop.orra.compensationFailures.retry(id)).rejects.toThrow(
      /does not revert tasks whose outcome is unknown/,
    );
    expect(await shop.list()).toEqual(['pay in_doubt pending']);
  });

  it("`retry` after the service got also: ['unknown']: a revert without output", async () => {
    const { shop, order } = await doubtful({ replicas: [['pay']] });
    const { id } = await shop.record();
    const [replica] = shop.replicas;
    await replica?.crash();
    replica?.restore();
    await replica?.start({ also: ['unknown'] });
    await shop.orra.compensationFailures.retry(id);
    await shop.until(() => Promise.resolve(shop.undone.length > 0));
    await settled(order);
    expect([shop.undone, await shop.list()]).toEqual([['pay unknown'], ['pay in_doubt resolved']]);
  });
});

it('`retry` on `partial`: another round under a new key; `source.previous` has both lists', async () => {
  const { shop, order, revert } = await reverting();
  revert.complete(partial);
  const { id, status } = await shop.record();
  expect(status).toBe('partial');
  await shop.orra.compensationFailures.retry(id);
  const second = await shop.reverts.next();
  expect(second.source.previous).toEqual({ completed: ['fee'], remaining: ['amount'] });
  expect(second.source.idempotencyKey).not.toBe(revert.source.idempotencyKey);
  second.complete();
  await settled(order);
  expect(await shop.list()).toEqual(['pay partial resolved']);
});

it('`retry` on `duplicate`: rejected while the orchestration is processing, then reverts the second output', async () => {
  const shop = await Shop.open({ replicas: [['pay'], ['pay'], ['mail']], revertsAtOnce: false });
  const order = await shop.submit('pay', 'mail');
  const run = await shop.runs.next();
  await run.replica.cut();
  await shop.clock.advance(GRACE_MS);
  (await shop.runs.next()).succeed('paid');
  const mail = await shop.runs.next();
  run.replica.restore();
  run.succeed('paid twice');
  const { id, status } = await shop.record();
  expect(status).toBe('duplicate');
  await expect(shop.orra.compensationFailures.retry(id)).rejects.toThrow(/still processing/);
  mail.succeed('sent');
  await order.result({ timeout: '20s' });
  await shop.orra.compensationFailures.retry(id);
  const revert = await shop.reverts.next();
  expect(revert.source.output).toEqual({ message: 'paid twice' });
  revert.complete();
  await shop.until(async () => (await shop.record()).resolutionState === 'resolved');
  expect((await order.inspect()).status).toBe('completed');
});

describe('time to live', () => {
  const HOUR_MS = 3_600_000;
  const APART = { replicas: [['stock'], ['pay']] as const, revertibleFor: HOUR_MS };

  it('service unavailable when its turn comes: paused, then `expired`, never asked', async () => {
    const shop = await Shop.open(APART);
    const order = await shop.submit('stock', 'pay');
    const run = await shop.runs.next();
    await shop.replicas[0]?.cut();
    await shop.clock.advance(GRACE_MS);
    run.abort('SOLD_OUT');
    await order.result({ timeout: '20s' });
    await shop.clock.advance(HOUR_MS - 60_000);
    expect(await shop.list()).toEqual([]);
    await shop.clock.advance(60_000);
    expect(await shop.record()).toMatchObject({ taskId: 'stock', status: 'expired', attemptsMade: 0 });
    expect((await shop.record()).failure).toContain('never asked, its service was away');
    shop.replicas[0]?.restore();
    await settled(order);
    expect(shop.undone).toEqual([]);
  });

  it('over before the orchestration ended: `expired`, not asked', async () => {
    const shop = await Shop.open({ ...APART, revertibleFor: 10_000 });
    const order = await shop.submit('stock', 'pay');
    const run = await shop.runs.next();
    await shop.clock.advance(10_001);
    run.abort('SOLD_OUT');
    await settled(order);
    expect([shop.undone, await shop.list()]).toEqual([[], ['stock expired pending']]);
  });
});

it('service no longer revertible: a record at once, without waiting', async () => {
  const shop = await Shop.open({ replicas: [['stock'], ['pay']] });
  const order = await shop.submit('stock', 'pay');
  const run = await shop.runs.next();
  await shop.replicas[0]?.crash();
  await shop.replicas[0]?.start({ revertible: false });
  run.abort('SOLD_OUT');
  await settled(order);
  expect([shop.undone, await shop.list()]).toEqual([[], ['stock failed pending']]);
});
