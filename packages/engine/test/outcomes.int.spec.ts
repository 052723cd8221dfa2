/** Table 2 of docs/outcomes.md, and rows that need connections: who gets a key, who is asked, what a restart changes. */
import type { TaskCancel, TaskRequest } from '@orra-ts/protocol';
import { type TestConnection, TestCore, chain } from './support/test-core';

let test: TestCore;
afterEach(() => test.close());

const CAPABLE = { capabilities: ['task-meta', 'task-cancel'] };
const TIMEOUT_MS = 30_000;
const BACKOFF_MS = 2_000;
const GRACE_MS = 2_000;

const cancelsOf = (connection: TestConnection): TaskCancel[] =>
  connection.sent.filter((message): message is TaskCancel => message.type === 'task_cancel');
const tasksOf = (connection: TestConnection): TaskRequest[] =>
  connection.sent.filter((message): message is TaskRequest => message.type === 'task_request');
const status = (connection: TestConnection, request: TaskRequest, state: string): Promise<void> =>
  connection.answer({
    type: 'task_status',
    taskId: request.id,
    executionId: request.executionId,
    idempotencyKey: request.idempotencyKey,
    status: state,
  });
const firstTask = (connection: TestConnection): TaskRequest => {
  const [request] = tasksOf(connection);
  if (!request) throw new Error('no task was sent');
  return request;
};
const records = (): ReturnType<TestCore['core']['compensationFailures']['list']> =>
  test.core.compensationFailures.list(test.project);

/** A task whose first attempt has timed out, with another replica that is idle. */
async function timedOut(
  options: object = CAPABLE,
): Promise<{ id: string; holder: TestConnection; other: TestConnection }> {
  test = await TestCore.start();
  const holder = await test.service('stock', options);
  const { id } = await test.submit(chain('stock'));
  const other = test.reconnect(holder);
  await test.clock.advance(TIMEOUT_MS);
  return { id, holder, other };
}

describe('one key, one holder (E12)', () => {
  it('timed out, next attempt due, holder open: the same connection, without doubt', async () => {
    const { holder, other } = await timedOut();
    await test.clock.advance(BACKOFF_MS);
    expect(tasksOf(holder).map(({ attempt, inDoubt }) => [attempt, inDoubt])).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
    expect(tasksOf(other)).toEqual([]);
  });

  it('holder closed and key unclaimed: after the grace period to any connection, in doubt', async () => {
    const { id, holder, other } = await timedOut();
    await test.clock.advance(BACKOFF_MS);
    test.core.connections.disconnected(holder);
    await test.clock.advance(GRACE_MS - 1);
    expect(tasksOf(other)).toEqual([]);
    await test.clock.advance(1);
    expect(tasksOf(other)).toMatchObject([{ idempotencyKey: firstTask(holder).idempotencyKey, inDoubt: true }]);
    expect((await test.state(id)).tasks.get('task1')?.deliveries).toHaveLength(3);
  });

  it('claimed over a new connection: that one is the holder', async () => {
    const { holder, other } = await timedOut();
    test.core.connections.disconnected(holder);
    const again = test.reconnect(holder);
    await status(again, firstTask(holder), 'in_progress');
    await test.clock.advance(BACKOFF_MS + GRACE_MS);
    expect([tasksOf(again).length, tasksOf(other).length]).toEqual([1, 0]);
    expect(cancelsOf(again)).toEqual([]);
  });

  it('the service reported a failure: another connection, without doubt', async () => {
    test = await TestCore.start();
    const first = await test.service('stock', CAPABLE);
    await test.submit(chain('stock'));
    const other = test.reconnect(first);
    await first.failure('busy', undefined, firstTask(first));
    await test.clock.advance(BACKOFF_MS);
    expect(tasksOf(other)).toMatchObject([{ attempt: 2 }]);
    expect(tasksOf(other)[0]).not.toHaveProperty('inDoubt');
  });

  it('the service reported a failure whose effect is unknown: the next attempt is in doubt', async () => {
    test = await TestCore.start();
    const stock = await test.service('stock', CAPABLE);
    await test.submit(chain('stock'));
    await stock.failure('stopped', { code: 'STOPPED', retryable: true, effect: 'unknown' }, firstTask(stock));
    await test.clock.advance(BACKOFF_MS);
    expect(tasksOf(stock)).toMatchObject([{ attempt: 1 }, { attempt: 2, inDoubt: true }]);
  });

  it('a success during the back-off completes the task; other holders get `task_cancel`', async () => {
    const { id, holder, other } = await timedOut();
    test.core.connections.disconnected(holder);
    await test.clock.advance(BACKOFF_MS + GRACE_MS);
    const again = test.reconnect(holder);
    await status(again, firstTask(holder), 'in_progress');
    await other.result({ value: 'x' }, firstTask(other));
    expect((await test.state(id)).status).toBe('completed');
    expect(cancelsOf(again)).toMatchObject([{ id: 'task1', idempotencyKey: firstTask(holder).idempotencyKey }]);
  });

  it('a connection that claims a key which was completed elsewhere gets `task_cancel`, once', async () => {
    const { id, holder, other } = await timedOut();
    test.core.connections.disconnected(holder);
    await test.clock.advance(BACKOFF_MS + GRACE_MS);
    await other.result({ value: 'x' }, firstTask(other));
    expect((await test.state(id)).status).toBe('completed');
    const again = test.reconnect(holder);
    for (let response = 0; response < 3; response++) await status(again, firstTask(holder), 'in_progress');
    expect(cancelsOf(again)).toMatchObject([{ id: 'task1', idempotencyKey: firstTask(holder).idempotencyKey }]);
  });

  it('asks a holder once more after the orchestration left memory, however often it responds `in_progress`', async () => {
    const { holder, other } = await timedOut();
    test.core.connections.disconnected(holder);
    await test.clock.advance(BACKOFF_MS + GRACE_MS);
    const again = test.reconnect(holder);
    await status(again, firstTask(holder), 'in_progress');
    await other.result({ value: 'x' }, firstTask(other));
    for (let response = 0; response < 5; response++) await status(again, firstTask(holder), 'in_progress');
    expect(cancelsOf(again).length).toBeLessThanOrEqual(2);
  });

  it('a second success after the orchestration left memory: equal, no change; different, a `duplicate` record', async () => {
    const { id, holder, other } = await timedOut({});
    test.core.connections.disconnected(holder);
    await test.clock.advance(BACKOFF_MS + GRACE_MS);
    await other.result({ value: 'second' }, firstTask(other));
    expect((await test.state(id)).status).toBe('completed');
    const again = test.reconnect(holder);
    await again.result({ value: 'second' }, firstTask(holder));
    expect(await records()).toEqual([]);
    await again.result({ value: 'first' }, firstTask(holder));
    expect(await records()).toMatchObject([
      { status: 'duplicate', output: { value: 'second' }, otherOutput: { value: 'first' } },
    ]);
    expect((await test.state(id)).status).toBe('completed');
  });
});

describe('the engine restarts', () => {
  const restarted = async (
    options: object,
    ranForMs = 1,
  ): Promise<{ before: TestConnection; other: TestConnection }> => {
    test = await TestCore.start();
    const before = await test.service('stock', options);
    await test.submit(chain('stock'));
    await test.clock.advance(ranForMs);
    await test.kill();
    await test.boot();
    return { before, other: test.reconnect(before) };
  };

  it('work of a service that can claim waits for its holder, even if another replica connects first', async () => {
    const { before, other } = await restarted(CAPABLE);
    await test.clock.advance(10_000);
    const again = test.reconnect(before);
    await status(again, firstTask(before), 'in_progress');
    await test.clock.advance(30_000);
    expect([tasksOf(again), tasksOf(other)]).toEqual([[], []]);
    await again.result({ value: 'x' }, firstTask(before));
  });

  it.each([
    ['', 1],
    [', also if it began in the millisecond of the start', 0],
  ])(
    'unclaimed, it goes to any connection after `claimWaitMs`, in doubt and in the same attempt%s',
    async (_, ranForMs) => {
      const { other } = await restarted(CAPABLE, ranForMs);
      await test.clock.advance(29_999);
      expect(tasksOf(other)).toEqual([]);
      await test.clock.advance(1);
      expect(tasksOf(other)).toMatchObject([{ attempt: 1, inDoubt: true }]);
    },
  );

  /** The first attempt had timed out before; the next one is due after the start. */
  const restartedBetweenAttempts = async (): Promise<{ before: TestConnection; again: TestConnection; id: string }> => {
    test = await TestCore.start();
    const before = await test.service('stock', CAPABLE);
    const { id } = await test.submit(chain('stock'));
    await test.clock.advance(TIMEOUT_MS);
    await test.kill();
    await test.boot();
    return { before, again: test.reconnect(before), id };
  };

  it('an attempt that begins during the wait for a claim has its whole limit afterwards', async () => {
    const { again, id } = await restartedBetweenAttempts();
    await test.clock.advance(29_999);
    expect(tasksOf(again)).toEqual([]);
    await test.clock.advance(1);
    expect(tasksOf(again)).toMatchObject([{ attempt: 2, inDoubt: true, timeoutMs: TIMEOUT_MS }]);
    await test.clock.advance(TIMEOUT_MS - 1);
    expect((await test.state(id)).tasks.get('task1')?.phase.kind).toBe('running');
    await test.clock.advance(1);
    expect((await test.state(id)).tasks.get('task1')?.phase.kind).toBe('backing_off');
  });

  it('nothing waits for a claim once the service has reported that its attempt failed', async () => {
    const { before, other } = await restarted(CAPABLE);
    await other.failure('busy', { code: 'BUSY', retryable: true }, firstTask(before));
    await test.clock.advance(BACKOFF_MS);
    expect(tasksOf(other)).toMatchObject([{ attempt: 2 }]);
    expect(tasksOf(other)[0]).not.toHaveProperty('inDoubt');
  });

  it('work of a service that cannot claim goes to its first connection', async () => {
    const { other } = await restarted({});
    await test.settle();
    expect(tasksOf(other)).toHaveLength(1);
  });
});

it('a late success is reverted before a task that it was built on, if no service has that revert yet (E6)', async () => {
  test = await TestCore.start();
  const stock = await test.service('stock');
  const card = await test.service('card');
  const { id } = await test.submit(chain('stock', 'card'));
  await stock.result({ value: 'held' });
  await test.settle();
  const task = card.lastRequest;
  await test.core.orchestrations.cancel(test.project, id, 'not needed');
  test.core.connections.disconnected(stock);
  // The limit of the second task passes: the first one is due, and its service is not connected.
  await test.clock.advance(TIMEOUT_MS + 1_000);
  await card.result({ value: 'paid' }, task);
  await test.settle();
  const again = test.reconnect(stock);
  await test.settle();
  expect(again.sent).toEqual([]);
  expect(card.lastRequest).toMatchObject({ type: 'compensation_request' });
  await card.revert();
  await test.settle();
  expect(again.lastRequest).toMatchObject({ type: 'compensation_request', input: { kept: { value: 'held' } } });
  await again.revert();
  expect((await test.state(id)).compensations.map(({ phase }) => phase.kind)).toEqual(['finished', 'finished']);
});

it('round 2 runs after a restart, then a success of round 1: completed, and its record is resolved', async () => {
  test = await TestCore.start();
  const stock = await test.service('stock', { capabilities: ['task-meta'] });
  const card = await test.service('card');
  const ship = await test.service('ship', { revertible: false });
  await test.submit(chain('stock', 'card', 'ship'));
  await stock.result({ value: 'held' });
  await test.settle();
  await card.result({ value: 'paid' });
  await test.settle();
  await ship.failure('broken', { code: 'NO', retryable: false });
  await test.settle();
  await card.revert({ status: 'failed', error: 'shipped' });
  const earlier = card.lastRequest;
  // The orchestration stays in memory: its first task is still being reverted.
  const [record] = await records();
  if (!record) throw new Error('there is no record');
  await test.core.compensationFailures.retry(test.project, record);
  await test.kill();
  await test.boot();
  const again = test.reconnect(card);
  await again.revert({ status: 'completed' }, earlier);
  expect(await records()).toMatchObject([{ id: record.id, resolutionState: 'resolved' }]);
});

it.each(['failure', 'abort'] as const)(
  'a response that comes over a new connection after a restart settles the attempt that it names: %s',
  async (response) => {
    test = await TestCore.start();
    const before = await test.service('stock', CAPABLE);
    const { id } = await test.submit(chain('stock'));
    await test.kill();
    await test.boot();
    const again = test.reconnect(before);
    const failure = { code: 'NO', retryable: false };
    if (response === 'abort') await again.abort({ reason: 'none left' }, firstTask(before));
    else await again.failure('declined', failure, firstTask(before));
    expect((await test.state(id)).tasks.get('task1')?.deliveries).toEqual([]);
  },
);

describe('ask, wait, decide (E10)', () => {
  const ended = async (options: object): Promise<{ id: string; holder: TestConnection }> => {
    test = await TestCore.start();
    const holder = await test.service('stock', options);
    const { id } = await test.submit(chain('stock'));
    await test.core.orchestrations.cancel(test.project, id, 'not needed');
    return { id, holder };
  };

  it('asks the holder, and a connection that opens later', async () => {
    const { holder } = await ended(CAPABLE);
    expect(cancelsOf(holder)).toMatchObject([{ id: 'task1', executionId: firstTask(holder).executionId }]);
    test.core.connections.disconnected(holder);
    const again = test.reconnect(holder);
    expect(cancelsOf(again)).toHaveLength(1);
    await status(again, firstTask(holder), 'in_progress');
    // A claim is asked about; the response to that question is not.
    expect(cancelsOf(again)).toHaveLength(2);
    await status(again, firstTask(holder), 'in_progress');
    expect(cancelsOf(again)).toHaveLength(2);
  });

  it('does not ask a connection that did not announce `task-cancel`', async () => {
    const { holder } = await ended({ capabilities: ['task-meta'] });
    expect(holder.sent.map(({ type }) => type)).toEqual(['task_request']);
  });

  it('is settled by `not_started` (row 2)', async () => {
    const { id, holder } = await ended(CAPABLE);
    await status(holder, firstTask(holder), 'not_started');
    await test.clock.advance(200_000);
    expect(await records()).toEqual([]);
    expect((await test.state(id)).compensations).toEqual([]);
  });

  it('undoes a late success although the orchestration left memory, also after a restart (rows 3 to 5)', async () => {
    const { id, holder } = await ended({});
    await test.clock.advance(TIMEOUT_MS + 60_000);
    expect(await records()).toMatchObject([{ status: 'in_doubt', taskId: 'task1' }]);
    await test.kill();
    await test.boot();
    const again = test.reconnect(holder);
    await again.result({ value: 'late' }, firstTask(holder));
    await test.settle();
    expect(again.lastRequest).toMatchObject({ type: 'compensation_request', input: { kept: { value: 'late' } } });
    await again.revert();
    expect(await records()).toMatchObject([{ resolutionState: 'resolved', resolution: 'reverted late' }]);
    expect((await test.state(id)).compensations).toHaveLength(1);
  });

  it('sends a revert without output only to a connection that supports it, with the key of the task', async () => {
    const options = { capabilities: ['task-meta', 'revert-unknown'] };
    const { holder } = await ended(options);
    await test.clock.advance(TIMEOUT_MS + 60_000);
    const task = firstTask(holder);
    expect(holder.lastRequest).toMatchObject({
      type: 'compensation_request',
      outcome: 'unknown',
      taskKey: task.idempotencyKey,
      input: { originalTask: { id: 'task1', idempotencyKey: task.idempotencyKey }, taskResult: null },
    });
    expect(holder.lastRequest.idempotencyKey).not.toBe(task.idempotencyKey);
  });

  it('does not take orchestrations that wait for late results as running ones', async () => {
    test = await TestCore.start({}, { maxOpen: 1 });
    await test.service('stock');
    const { id } = await test.submit(chain('stock'));
    await expect(test.submit(chain('stock'))).rejects.toMatchObject({ code: 'ORRA_ENGINE_FULL' });
    await test.core.orchestrations.cancel(test.project, id, 'not needed');
    await expect(test.submit(chain('stock'))).resolves.toBeDefined();
  });
});

describe('an orchestration that left memory remembers who has its tasks (E10)', () => {
  const inDoubt = async (options: object = CAPABLE): Promise<{ id: string; holder: TestConnection }> => {
    test = await TestCore.start();
    const holder = await test.service('stock', options);
    const { id } = await test.submit(chain('stock'));
    await test.core.orchestrations.cancel(test.project, id, 'not needed');
    await test.clock.advance(TIMEOUT_MS + 60_000);
    expect(await records()).toMatchObject([{ status: 'in_doubt', resolutionState: 'pending' }]);
    return { id, holder };
  };
  const deliveriesOf = async (id: string): Promise<readonly unknown[]> =>
    (await test.state(id)).tasks.get('task1')?.deliveries ?? [];

  it('a claim over a new connection is asked about, and `not_started` settles it and resolves the record', async () => {
    const { id, holder } = await inDoubt();
    test.core.connections.disconnected(holder);
    const again = test.reconnect(holder);
    await status(again, firstTask(holder), 'in_progress');
    expect(cancelsOf(again)).toHaveLength(1);
    await status(again, firstTask(holder), 'not_started');
    expect(await deliveriesOf(id)).toEqual([]);
    expect(await records()).toMatchObject([{ resolutionState: 'resolved', resolution: 'the task was not started' }]);
  });

  it('`not_started` over a connection that neither has nor claimed the task settles nothing', async () => {
    const { id, holder } = await inDoubt();
    const other = test.reconnect(holder);
    await status(other, firstTask(holder), 'not_started');
    expect(await deliveriesOf(id)).toHaveLength(1);
    expect(await records()).toMatchObject([{ resolutionState: 'pending' }]);
  });

  it('a claim survives a restart of the engine if it is repeated, as SDKs do', async () => {
    const { id, holder } = await inDoubt();
    await test.kill();
    await test.boot();
    const again = test.reconnect(holder);
    await status(again, firstTask(holder), 'in_progress');
    await status(again, firstTask(holder), 'not_started');
    expect(await deliveriesOf(id)).toEqual([]);
  });

  it('a failure settles all attempts over its own connection', async () => {
    const { id, holder, other } = await timedOut({});
    await test.clock.advance(BACKOFF_MS);
    expect(tasksOf(holder)).toHaveLength(2);
    await test.core.orchestrations.cancel(test.project, id, 'not needed');
    await test.clock.advance(TIMEOUT_MS + 60_000);
    test.core.connections.disconnected(other);
    await holder.failure('declined', undefined, tasksOf(holder)[1]);
    expect(await deliveriesOf(id)).toEqual([]);
    expect(await records()).toMatchObject([{ resolutionState: 'resolved' }]);
  });

  it('is acknowledged only after what follows from it is committed', async () => {
    const { id, holder } = await inDoubt();
    let acknowledged = false;
    const received = status(holder, firstTask(holder), 'not_started').then(() => (acknowledged = true));
    expect(acknowledged).toBe(false);
    await received;
    expect(await deliveriesOf(id)).toEqual([]);
  });
});

it('a `task_cancel` to another holder of a completed task, for which the buffer was full, is repeated', async () => {
  const { holder, other } = await timedOut();
  test.core.connections.disconnected(holder);
  await test.clock.advance(BACKOFF_MS + GRACE_MS);
  const again = test.reconnect(holder);
  await status(again, firstTask(holder), 'in_progress');
  again.writable = false;
  await other.result({ value: 'x' }, firstTask(other));
  expect(cancelsOf(again)).toEqual([]);
  again.writable = true;
  test.core.connections.writable(again);
  test.core.connections.writable(again);
  expect(cancelsOf(again)).toHaveLength(1);
});

it('rejects a retry that is not possible, with the reason', async () => {
  test = await TestCore.start();
  const stock = await test.service('stock', {});
  const { id } = await test.submit(chain('stock'));
  await test.core.orchestrations.cancel(test.project, id, 'not needed');
  await test.clock.advance(TIMEOUT_MS + 60_000);
  const [record] = await records();
  if (!record) throw new Error('there is no record');
  await expect(test.core.compensationFailures.retry(test.project, record)).rejects.toMatchObject({
    code: 'ORRA_INVALID_RETRY',
  });
  expect(stock.sent).toHaveLength(1);
});
