import { OrraError, deferred } from '@orra-ts/common';
import type { Journal } from '../src/journal/journal';
import type { Planner } from '../src/planner/planner';
import { TestCore, chain } from './support/test-core';

let test: TestCore;
afterEach(() => test.close());

describe('running', () => {
  it('hands a task to its service, and the next one what it returned', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    const card = await test.service('card');
    const { id } = await test.submit(chain('stock', 'card'));
    expect(stock.lastRequest).toMatchObject({ type: 'task_request', id: 'task1', input: { value: 'v' } });
    await stock.result({ value: 'held' });
    await test.settle();
    expect(card.lastRequest).toMatchObject({ id: 'task2', input: { value: 'held' } });
    await card.result({ value: 'paid' });
    expect(await test.state(id)).toMatchObject({ status: 'completed', results: [{ value: 'paid' }] });
  });

  it('acknowledges a result only after it is committed (E1), a repeated one too', async () => {
    const order: string[] = [];
    const wrapJournal = (journal: Journal): Journal =>
      Object.assign(Object.create(journal) as Journal, {
        append: async (...args: Parameters<Journal['append']>) => {
          const outcomes = await journal.append(...args);
          order.push(`committed ${args[0].flatMap(({ events }) => events.map(({ type }) => type)).join(' ')}`);
          return outcomes;
        },
      });
    test = await TestCore.start({}, { wrapJournal });
    const stock = await test.service('stock');
    await test.submit(chain('stock'));
    order.length = 0;
    await Promise.all([
      stock.result({ value: 'x' }).then(() => order.push('acknowledged')),
      stock.result({ value: 'x' }).then(() => order.push('acknowledged again')),
    ]);
    expect(order).toEqual(['committed task_completed orchestration_completed', 'acknowledged', 'acknowledged again']);
  });

  it('sends an attempt only after its start is committed, even to a connection that opens before (E3)', async () => {
    let disk = Promise.resolve();
    const wrapJournal = (journal: Journal): Journal =>
      Object.assign(Object.create(journal) as Journal, {
        append: (...args: Parameters<Journal['append']>) => disk.then(() => journal.append(...args)),
      });
    test = await TestCore.start({ taskRetryBaseMs: 500 }, { wrapJournal });
    const stock = await test.service('stock');
    await test.submit(chain('stock'));
    await test.clock.advance(29_000);
    const { promise, resolve } = deferred();
    disk = promise;
    test.core.connections.disconnected(stock);
    // The first attempt times out and the second one starts, both in memory alone.
    await test.clock.advance(1_600);
    const again = test.reconnect(stock);
    await test.settle();
    expect(again.sent).toEqual([]);
    resolve();
    // Two commits, one after the other.
    await test.settle();
    await test.settle();
    expect(again.requests).toHaveLength(1);
    expect(again.lastRequest.executionId).not.toBe(stock.lastRequest.executionId);
  });

  it('sends every attempt under one key (E4) and with a new execution id', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    await test.submit(chain('stock'));
    await stock.failure('no luck');
    await test.clock.advance(2_000);
    const [first, second] = stock.requests;
    expect(second?.idempotencyKey).toBe(first?.idempotencyKey);
    expect(second?.executionId).not.toBe(first?.executionId);
    expect(first?.idempotencyKey).toMatch(/^[0-9a-f]{64}$/);
  });

  it('tells services that asked for it about the attempt, and others nothing', async () => {
    test = await TestCore.start();
    const plain = await test.service('plain');
    const knowing = await test.service('knowing', { capabilities: ['task-meta'] });
    await test.submit(chain('plain', 'knowing'), { timeout: '45s', metadata: { tenant: 't1' } });
    expect(Object.keys(plain.lastRequest).sort()).toEqual([
      'executionId',
      'id',
      'idempotencyKey',
      'input',
      'serviceId',
      'type',
    ]);
    await plain.result({ value: 'x' });
    expect(knowing.lastRequest).toMatchObject({ attempt: 1, timeoutMs: 45_000, metadata: { tenant: 't1' } });
  });

  it('does not hear a service about the task of another one (E7)', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    const thief = await test.service('thief');
    const { id } = await test.submit(chain('stock'));
    await thief.result({ value: 'mine' }, stock.lastRequest);
    expect((await test.state(id)).status).toBe('processing');
  });

  it('gives parallel tasks to the replica with the least to do', async () => {
    test = await TestCore.start();
    const one = await test.service('stock');
    const two = test.reconnect(one);
    const plan = {
      tasks: [1, 2, 3, 4].map((n) => ({ id: `task${n}`, service: 'stock', input: { value: '$task0.value' } })),
    };
    await test.submit(plan);
    expect([one.requests.length, two.requests.length]).toEqual([2, 2]);
  });
});

describe('services that come and go', () => {
  it('sends the work again, unchanged, when its service reconnects at once', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    const { id } = await test.submit(chain('stock'));
    test.core.connections.disconnected(stock);
    const again = test.reconnect(stock);
    await test.settle();
    expect(again.requests).toEqual(stock.requests);
    await again.result({ value: 'x' });
    const { events } = (await test.core.orchestrations.history(test.project, id)) ?? { events: [] };
    expect(events.map(({ type }) => type)).not.toContain('task_paused');
  });

  it('pauses after two seconds, and goes on with the same execution id', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    const { id } = await test.submit(chain('stock'));
    test.core.connections.disconnected(stock);
    await test.clock.advance(2_000);
    expect((await test.state(id)).tasks.get('task1')?.phase.kind).toBe('paused');
    await test.clock.advance(60_000);
    const again = test.reconnect(stock);
    await test.settle();
    expect(again.lastRequest.executionId).toBe(stock.lastRequest.executionId);
  });

  it('starts a task whose service was never there when it connects', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock', { connect: false });
    const { id } = await test.submit(chain('stock'));
    expect((await test.state(id)).tasks.get('task1')?.phase.kind).toBe('paused');
    test.core.connections.connected(stock);
    await test.settle();
    expect(stock.requests).toHaveLength(1);
  });

  it('hands the work of a lost replica to the other one after the grace', async () => {
    test = await TestCore.start();
    const one = await test.service('stock');
    await test.submit(chain('stock'));
    const two = test.reconnect(one);
    test.core.connections.disconnected(one);
    expect(two.requests).toHaveLength(0);
    await test.clock.advance(2_000);
    expect(two.requests).toEqual(one.requests);
  });

  it('keeps what a full socket did not take for the next connection', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    stock.writable = false;
    await test.submit(chain('stock'));
    test.core.connections.disconnected(stock);
    expect(test.reconnect(stock).requests).toHaveLength(1);
  });
});

describe('a connection that takes nothing for now', () => {
  it('gets what waits for it when it has room again', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    stock.writable = false;
    await test.submit(chain('stock'));
    await test.submit(chain('stock'));
    stock.writable = true;
    test.core.connections.writable(stock);
    expect(stock.requests).toHaveLength(2);
    test.core.connections.writable(stock);
    expect(stock.requests).toHaveLength(2);
  });

  it('leaves its work to another replica that has room', async () => {
    test = await TestCore.start();
    const one = await test.service('stock');
    const two = test.reconnect(one);
    two.writable = false;
    await test.submit(chain('stock'));
    expect(one.requests).toHaveLength(1);
  });
});

describe('endings', () => {
  it('compensates in reverse with the data that the service kept and the reason', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    const card = await test.service('card');
    const delivery = await test.service('delivery');
    const { id } = await test.submit(chain('stock', 'card', 'delivery'));
    await stock.result({ value: 'held' });
    await card.result({ value: 'paid' });
    await delivery.abort({ reason: 'NO_COURIER' });
    await test.settle();
    expect(card.lastRequest).toMatchObject({
      type: 'compensation_request',
      id: 'task2',
      input: { kept: { value: 'paid' } },
      compensationContext: { orchestrationId: id, reason: 'aborted', payload: { reason: 'NO_COURIER' } },
    });
    expect(stock.requests).toHaveLength(1);
    await card.revert();
    await test.settle();
    expect(stock.lastRequest).toMatchObject({ type: 'compensation_request', id: 'task1' });
    await stock.revert();
    expect(await test.core.orchestrations.list(test.project)).toMatchObject([
      { id, status: 'aborted', compensation: { active: false, total: 2, completed: 2, failed: 0 } },
    ]);
  });

  it('takes a result for a revert that is tried again, under one key', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    const card = await test.service('card');
    await test.submit(chain('stock', 'card'));
    await stock.result({ value: 'held' });
    await card.failure('refused', { code: 'CARD', retryable: false });
    await test.settle();
    const first = stock.lastRequest;
    await stock.failure('busy');
    await test.clock.advance(2_000);
    expect(stock.lastRequest.idempotencyKey).toBe(first.idempotencyKey);
    expect(stock.lastRequest.executionId).not.toBe(first.executionId);
  });
});

describe('restarts', () => {
  it('asks again only for what has no committed outcome, under the same key', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    const card = await test.service('card');
    const { id } = await test.submit(chain('stock', 'card'));
    await stock.result({ value: 'held' });
    await test.settle();
    await test.kill();

    await test.boot();
    const stockAgain = test.reconnect(stock);
    const cardAgain = test.reconnect(card);
    await test.settle();
    expect(stockAgain.requests).toEqual([]);
    expect(cardAgain.requests).toEqual(card.requests);
    await cardAgain.result({ value: 'paid' });
    expect((await test.state(id)).status).toBe('completed');
  });

  it('goes on with a compensation that was under way', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    const card = await test.service('card');
    const { id } = await test.submit(chain('stock', 'card'));
    await stock.result({ value: 'held' });
    await card.abort({});
    await test.settle();
    await test.kill();

    await test.boot();
    const again = test.reconnect(stock);
    expect(again.lastRequest).toEqual(stock.lastRequest);
    await again.revert();
    expect((await test.state(id)).compensations).toMatchObject([{ phase: { kind: 'finished', status: 'completed' } }]);
  });

  it('does not count the time that the engine was away against an attempt', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    const { id } = await test.submit(chain('stock'));
    await test.kill();
    await test.clock.advance(3_600_000);

    await test.boot();
    const again = test.reconnect(stock);
    await test.clock.advance(29_000);
    expect(again.requests).toHaveLength(1);
    await again.result({ value: 'x' });
    expect((await test.state(id)).status).toBe('completed');
  });

  it('pauses the tasks of services that do not come back', async () => {
    test = await TestCore.start();
    await test.service('stock');
    const { id } = await test.submit(chain('stock'));
    await test.kill();
    await test.boot();
    await test.clock.advance(2_000);
    expect((await test.state(id)).tasks.get('task1')?.phase.kind).toBe('paused');
  });

  it('plans again what an earlier start had not planned either', async () => {
    const waiting: Planner = {
      plan: (_, { signal }) =>
        new Promise((_resolve, reject) => signal().addEventListener('abort', () => reject(signal().reason as Error))),
    };
    test = await TestCore.start({}, { planner: waiting });
    await test.service('stock');
    void test.core.orchestrations.submit(test.project, { action: { content: 'Think' } });
    await test.settle();
    await test.kill();

    await test.boot({}, { planner: waiting });
    await test.core.close();
    await test.settle();
    await test.kill();

    await test.boot({}, { planner: { plan: () => ({ kind: 'not_actionable', reason: 'thought about it' }) } });
    await test.settle();
    expect(await test.core.orchestrations.list(test.project)).toMatchObject([
      { status: 'not_actionable', error: 'thought about it' },
    ]);
  });

  it('keeps waits between attempts', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    await test.submit(chain('stock'));
    await stock.failure('no luck');
    await test.kill();
    await test.boot();
    const again = test.reconnect(stock);
    await test.clock.advance(1_999);
    expect(again.requests).toHaveLength(0);
    await test.clock.advance(1);
    expect(again.requests).toHaveLength(1);
  });
});

describe('when the journal cannot be written', () => {
  it('acknowledges and sends nothing, tries again, and then stops', async () => {
    let broken = false;
    const failures: OrraError[] = [];
    const wrapJournal = (journal: Journal): Journal =>
      Object.assign(Object.create(journal) as Journal, {
        append: (...args: Parameters<Journal['append']>) =>
          broken ? Promise.reject(new OrraError('ORRA_JOURNAL_WRITE_FAILED', 'disk full')) : journal.append(...args),
      });
    test = await TestCore.start({}, { wrapJournal, onFailed: (error) => failures.push(error) });
    const stock = await test.service('stock');
    const card = await test.service('card');
    await test.submit(chain('stock', 'card'));
    broken = true;
    const acknowledged = stock.result({ value: 'held' });
    const outcome = expect(acknowledged).rejects.toMatchObject({ code: 'ORRA_JOURNAL_WRITE_FAILED' });
    await test.clock.advance(10_000);
    await outcome;
    expect(card.requests).toEqual([]);
    expect(failures).toHaveLength(1);
    await expect(test.submit(chain('stock'))).rejects.toMatchObject({ code: 'ORRA_JOURNAL_WRITE_FAILED' });
  });

  it('goes on when the disk has room again', async () => {
    let tries = 0;
    const wrapJournal = (journal: Journal): Journal =>
      Object.assign(Object.create(journal) as Journal, {
        append: (...args: Parameters<Journal['append']>) =>
          ++tries === 2
            ? Promise.reject(new OrraError('ORRA_JOURNAL_WRITE_FAILED', 'disk full'))
            : journal.append(...args),
      });
    test = await TestCore.start({}, { wrapJournal });
    const stock = await test.service('stock');
    const { id } = await test.submit(chain('stock'));
    const acknowledged = stock.result({ value: 'held' });
    await test.clock.advance(50);
    await acknowledged;
    expect((await test.state(id)).status).toBe('completed');
  });
});

describe('the list', () => {
  it('shows the beginning of long texts: thousands of them are read at once (E8)', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock');
    const content = 'x'.repeat(10_000);
    const { id } = await test.submit(chain('stock'), { action: { content } });
    await stock.failure(content, { code: 'NO', retryable: false });
    const [listed] = await test.core.orchestrations.list(test.project);
    expect(listed).toMatchObject({ id, action: `${'x'.repeat(997)}...`, error: { error: `${'x'.repeat(997)}...` } });
    expect(await test.state(id)).toMatchObject({ action: { content }, error: { error: content } });
  });
});

describe('submissions that cannot run', () => {
  it('are recorded with their reason, which is also the error', async () => {
    test = await TestCore.start();
    await test.service('stock');
    await expect(test.submit(chain('nobody'))).rejects.toMatchObject({ code: 'ORRA_INVALID_SUBMISSION' });
    await expect(test.core.orchestrations.submit(test.project, { action: { content: 'Sing' } })).rejects.toMatchObject({
      code: 'ORRA_NOT_ACTIONABLE',
    });
    const listed = await test.core.orchestrations.list(test.project);
    expect(listed.map(({ status }) => status).sort()).toEqual(['failed', 'not_actionable']);
  });

  it('are refused while as many are open as the engine holds (E8)', async () => {
    test = await TestCore.start({}, { maxOpen: 2 });
    const stock = await test.service('stock');
    await test.submit(chain('stock'));
    await test.submit(chain('stock'));
    await expect(test.submit(chain('stock'))).rejects.toMatchObject({ code: 'ORRA_ENGINE_FULL', retryable: true });
    await stock.result({ value: 'x' });
    await test.settle();
    expect((await test.submit(chain('stock'))).status).toBe('processing');
  });

  it('are refused before anything is stored when they are malformed', async () => {
    test = await TestCore.start();
    await test.service('stock');
    await expect(test.submit(chain('stock'), { timeout: 'soon' })).rejects.toMatchObject({
      code: 'ORRA_INVALID_SUBMISSION',
    });
    expect(await test.core.orchestrations.list(test.project)).toEqual([]);
  });
});
