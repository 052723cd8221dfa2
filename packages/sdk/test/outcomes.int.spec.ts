/** Outcomes in edge cases: what a service reports of a key, and which requests start its handler or its revert. */
import { join } from 'node:path';
import type { FakePlanEngine, FakeTask } from '@orra-ts/fakes';
import { NonRetryableError, RetryableError, type ExecutionJournal, type Task } from '../src';
import type { OrraOptions } from '../src/runtime/options';
import { MemoryJournal } from '../src/journal/memory-journal';
import { charge, type Charge, type ChargeRevertSource } from './support/charge';
import { closeAll, gate, startApp, startEngine, temporaryFolder } from './support/harness';

afterEach(closeAll);

/** Every method responds with a promise, one turn later, as a journal in a database does. */
function asynchronousJournal(): ExecutionJournal {
  const memory = new MemoryJournal();
  const later = <T>(work: () => T): Promise<T> => new Promise((resolve) => setImmediate(() => resolve(work())));
  return {
    open: () => memory.open(),
    health: () => memory.health(),
    close: () => memory.close(),
    service: (name) => {
      const journal = memory.service(name);
      return {
        find: (key) => later(() => journal.find(key)),
        begin: (key, attempt) => later(() => journal.begin(key, attempt)),
        settle: (key, outcome) => later(() => journal.settle(key, outcome)),
        fence: (key, status) => later(() => journal.fence(key, status)),
        acknowledge: (key) => journal.acknowledge(key),
        unacknowledged: () => journal.unacknowledged(),
      };
    },
  };
}

const JOURNALS: [string, () => Partial<OrraOptions>][] = [
  ['file', () => ({})],
  ['memory', () => ({ journal: { kind: 'memory' } })],
  ['asynchronous', () => ({ journal: asynchronousJournal() })],
];

/** A revert without output of this task. */
const revertWithoutOutput = (engine: FakePlanEngine, { request }: FakeTask, outcome: 'failed' | 'unknown') =>
  engine.sendCompensation('charge', { originalTask: request, taskResult: null }, { id: request.id, outcome });

/** Resolves when the service has handled everything that was sent to it. */
async function handled(engine: FakePlanEngine): Promise<void> {
  const connection = await engine.connected();
  for (let round = 0; round < 3; round++) {
    await connection.protocolPing();
    await new Promise(setImmediate);
  }
}

describe.each(JOURNALS)('E10: a task_cancel, with the %s journal,', (_, journal) => {
  it('of a running task fires its signal, and its outcome is reported', async () => {
    const engine = await startEngine();
    const entered = gate();
    const reasons: unknown[] = [];
    const handler = async ({ signal }: Task): Promise<Charge> => {
      const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
      entered.open();
      await aborted;
      reasons.push(signal.reason);
      return { text: 'charged' };
    };
    await startApp(engine, { services: [charge(handler)], ...journal() });
    const task = await engine.sendTask('charge', {});
    await entered.promise;
    await task.cancel();
    expect(await task.status()).toBe('in_progress');
    expect(await task.output()).toEqual({ text: 'charged' });
    expect(reasons).toEqual(['cancelled']);
  });

  it('of a running task that then fails: no later request starts the key', async () => {
    const engine = await startEngine();
    const entered = gate();
    let runs = 0;
    const handler = async ({ signal }: Task): Promise<never> => {
      runs++;
      entered.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new Error('stopped');
    };
    await startApp(engine, { services: [charge(handler)], ...journal() });
    const task = await engine.sendTask('charge', {});
    await entered.promise;
    await task.cancel();
    expect(await task.result()).toMatchObject({ error: 'stopped', failure: { retryable: true, effect: 'unknown' } });
    const again = await task.sendAgain();
    await engine.until(() => engine.outcomesOf(task.key).length === 2);
    expect(engine.outcomesOf(task.key)[1]?.payload).toMatchObject({ executionId: again.request.executionId });
    expect(runs).toBe(1);
  });

  it('of a task in the queue drops it, and no later request starts the key', async () => {
    const engine = await startEngine();
    const finish = gate();
    const ran: unknown[] = [];
    const handler = async ({ input }: Task<Charge>): Promise<Charge> => {
      ran.push(input.text);
      await finish.promise;
      return input;
    };
    await startApp(engine, { services: [charge(handler, { concurrency: 1 })], ...journal() });
    const first = await engine.sendTask('charge', { text: 'first' });
    const second = await engine.sendTask('charge', { text: 'second' });
    await handled(engine);
    await second.cancel();
    expect(await second.status()).toBe('not_started');
    await second.sendAgain();
    expect(await second.status(2)).toBe('not_started');
    finish.open();
    await first.output();
    await handled(engine);
    expect(ran).toEqual(['first']);
    expect(engine.outcomesOf(second.key)).toEqual([]);
  });

  it('of an unknown key fences it', async () => {
    const engine = await startEngine();
    let runs = 0;
    await startApp(engine, { services: [charge(() => ({ text: String(++runs) }))], ...journal() });
    const connection = await engine.connected();
    connection.cancel({ id: 'task1', idempotencyKey: 'k', executionId: 'e_1' });
    await engine.until(() => engine.statusesOf('k').length === 1);
    const task = await engine.sendTask('charge', {}, { idempotencyKey: 'k' });
    await engine.until(() => engine.statusesOf('k').length === 2);
    await task.cancel();
    expect(await task.status(3)).toBe('not_started');
    expect([engine.statusesOf('k'), runs]).toEqual([['not_started', 'not_started', 'not_started'], 0]);
  });

  it.each<[string, () => unknown, object]>([
    ['a result', () => ({ text: 'charged' }), { result: { task: { text: 'charged' } } }],
    [
      'a failure',
      () => {
        throw new Error('no');
      },
      { error: 'no' },
    ],
    ['an abort', (task?: unknown) => (task as Task).abort({ a: 1 }), { type: 'task_abort_result' }],
  ])('of a task with an outcome repeats it: %s', async (__, handler, outcome) => {
    const engine = await startEngine();
    await startApp(engine, { services: [charge(handler)], ...journal() });
    const task = await engine.sendTask('charge', {});
    await task.outcome();
    await task.cancel();
    await engine.until(() => engine.outcomesOf(task.key).length === 2);
    expect(engine.outcomesOf(task.key)[1]?.payload).toMatchObject({
      ...outcome,
      executionId: task.request.executionId,
    });
    expect(task.statuses).toEqual([]);
  });

  it('of a task whose failure was repeated for a newer attempt names that attempt', async () => {
    const engine = await startEngine();
    const fail = (): never => {
      throw new NonRetryableError('no');
    };
    await startApp(engine, { services: [charge(fail)], ...journal() });
    const task = await engine.sendTask('charge', {});
    await task.outcome();
    const again = await task.sendAgain();
    await engine.until(() => engine.outcomesOf(task.key).length === 2);
    await again.cancel();
    await engine.until(() => engine.outcomesOf(task.key).length === 3);
    const attempts = engine.outcomesOf(task.key).map(({ payload }) => 'executionId' in payload && payload.executionId);
    const newest = again.request.executionId;
    expect(newest).not.toBe(task.request.executionId);
    expect(attempts).toEqual([task.request.executionId, newest, newest]);
  });
});

describe.each(JOURNALS)(
  'E10: a request in doubt for a key that has failed for good, with the %s journal,',
  (_, journal) => {
    it('gets the failure with an unknown effect: it states nothing about runs in other processes', async () => {
      const engine = await startEngine();
      let runs = 0;
      const fail = (): never => {
        runs++;
        throw new NonRetryableError('no');
      };
      await startApp(engine, { services: [charge(fail)], ...journal() });
      const task = await engine.sendTask('charge', {});
      const first = await task.result();
      expect(first).toMatchObject({ error: 'no', failure: { retryable: false } });
      expect(first.failure).not.toHaveProperty('effect');
      await task.sendAgain({ inDoubt: true });
      await engine.until(() => engine.outcomesOf(task.key).length === 2);
      expect(engine.outcomesOf(task.key)[1]?.payload).toMatchObject({
        error: 'no',
        failure: { retryable: false, effect: 'unknown' },
      });
      await task.sendAgain();
      await engine.until(() => engine.outcomesOf(task.key).length === 3);
      expect((engine.outcomesOf(task.key)[2]?.payload as { failure?: object }).failure).not.toHaveProperty('effect');
      expect(runs).toBe(1);
    });
  },
);

describe('E10: the effect of a failure', () => {
  const fired = async (task: Task, thrown: Error): Promise<never> => {
    await new Promise((resolve) => task.signal.addEventListener('abort', resolve));
    throw thrown;
  };
  const thrown = (error: Error) => (): never => {
    throw error;
  };
  const deep: { self?: unknown } = {};
  deep.self = deep;

  it.each<[string, 'unknown' | undefined, (task: Task) => unknown, number?]>([
    ['an error that the handler throws', undefined, thrown(new Error('no'))],
    ['a RetryableError', undefined, thrown(new RetryableError('busy'))],
    ['a NonRetryableError', undefined, thrown(new NonRetryableError('gone'))],
    ['an output that breaks its schema', 'unknown', () => ({ text: 5 })],
    ['an output without a JSON form', 'unknown', () => ({ text: 'a', more: deep })],
    ['an output over the limit', 'unknown', () => ({ text: 'x'.repeat(200_000) })],
    ['an error after the signal', 'unknown', (task) => fired(task, new Error('stopped')), 10],
    ['a RetryableError after the signal', 'unknown', (task) => fired(task, new RetryableError('busy')), 10],
    ['a NonRetryableError after the signal', undefined, (task) => fired(task, new NonRetryableError('gone')), 10],
  ])('%s: %s', async (...[, effect, handler, timeout]) => {
    const engine = await startEngine();
    const service = charge(handler, timeout === undefined ? {} : { timeout });
    await startApp(engine, { services: [service], maxMessageBytes: 100_000 });
    const { failure } = await (await engine.sendTask('charge', {})).result();
    expect([failure?.code !== undefined, failure?.effect]).toEqual([true, effect]);
  });

  it('of a handler that never asked for its signal is what it states, also after a task_cancel', async () => {
    const engine = await startEngine();
    const entered = gate();
    const finish = gate();
    const handler = async (): Promise<never> => {
      entered.open();
      await finish.promise;
      throw new Error('declined');
    };
    await startApp(engine, { services: [charge(handler)] });
    const task = await engine.sendTask('charge', {});
    await entered.promise;
    await task.cancel();
    await task.status();
    finish.open();
    const { failure } = await task.result();
    expect([failure?.code, failure?.effect]).toEqual(['ORRA_HANDLER_FAILED', undefined]);
  });

  it('an input that breaks its schema has no effect', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [charge(() => ({}))] });
    const { failure } = await (await engine.sendTask('charge', { text: 5 })).result();
    expect([failure?.code, failure?.effect]).toEqual(['ORRA_INVALID_INPUT', undefined]);
  });

  it('is not sent to an engine that does not read failure details', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    await startApp(engine, { services: [charge(() => ({ text: 5 }))] });
    expect(await (await engine.sendTask('charge', {})).result()).not.toHaveProperty('failure');
  });
});

describe('a request in doubt', () => {
  it('sets task.interrupted', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [charge(({ interrupted }) => ({ text: String(interrupted) }))] });
    const outputs = [{ inDoubt: true }, {}].map(async (request) =>
      (await engine.sendTask('charge', {}, request)).output(),
    );
    expect(await Promise.all(outputs)).toEqual([{ text: 'true' }, { text: 'false' }]);
  });

  it.each([
    ['sets task.interrupted', undefined, { output: { text: 'true' } }],
    ["with onCrash: 'fail' fails", 'fail', { failure: { code: 'ORRA_INTERRUPTED', effect: 'unknown' } }],
  ] as const)('after an attempt that failed with an unknown effect, the next one %s', async (_, onCrash, expected) => {
    const engine = await startEngine();
    const handler = async ({ attempt, interrupted, signal }: Task): Promise<Charge> => {
      if (attempt > 1) return { text: String(interrupted) };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new Error('stopped');
    };
    await startApp(engine, { services: [charge(handler, { timeout: 10, ...(onCrash && { onCrash }) })] });
    const task = await engine.sendTask('charge', {}, { attempt: 1 });
    expect(await task.result()).toMatchObject({ failure: { retryable: true, effect: 'unknown' } });
    const again = await task.sendAgain({ attempt: 2 });
    await engine.until(() => engine.outcomesOf(task.key).length === 2);
    expect(engine.outcomesOf(task.key)[1]?.payload).toMatchObject({
      executionId: again.request.executionId,
      ...('output' in expected ? { result: { task: expected.output } } : expected),
    });
  });

  it("X3: with onCrash: 'fail' it fails, with an unknown effect", async () => {
    const engine = await startEngine();
    let runs = 0;
    await startApp(engine, { services: [charge(() => ({ text: String(++runs) }), { onCrash: 'fail' })] });
    expect(await (await engine.sendTask('charge', {}, { inDoubt: true })).result()).toMatchObject({
      failure: { code: 'ORRA_INTERRUPTED', retryable: false, effect: 'unknown' },
    });
    expect(runs).toBe(0);
  });
});

describe('E12: after a reconnect', () => {
  async function twoOpenTasks(engine: FakePlanEngine) {
    const finish = gate();
    const handler = async (): Promise<Charge> => {
      await finish.promise;
      return {};
    };
    await startApp(engine, { services: [charge(handler, { concurrency: 1 })] });
    const running = await engine.sendTask('charge', {});
    const queued = await engine.sendTask('charge', {});
    await handled(engine);
    engine.dropAll();
    const connection = await engine.connection(2);
    await handled(engine);
    return { running, queued, finish, connection };
  }

  it('the keys that run or wait for their turn are claimed first', async () => {
    const engine = await startEngine();
    const { running, queued, finish, connection } = await twoOpenTasks(engine);
    expect(connection.received.map(({ payload }) => payload)).toMatchObject([
      { type: 'task_status', status: 'in_progress', idempotencyKey: running.key },
      { type: 'task_status', status: 'in_progress', idempotencyKey: queued.key },
    ]);
    finish.open();
    await queued.output();
    engine.dropAll();
    const next = await engine.connection(3);
    await handled(engine);
    expect(next.received.filter(({ payload }) => payload.type === 'task_status')).toEqual([]);
  });

  it('nothing is claimed on an engine that does not announce claims', async () => {
    const engine = await startEngine({ capabilities: { version: 1 } });
    const { finish, connection } = await twoOpenTasks(engine);
    expect(connection.received).toEqual([]);
    finish.open();
  });
});

describe('a duplicate of a running task', () => {
  it.each<[string, () => unknown]>([
    ['a result', () => ({})],
    [
      'a failure',
      () => {
        throw new Error('no');
      },
    ],
  ])('joins it: the outcome belongs to the newest request: %s', async (_, end) => {
    const engine = await startEngine();
    const entered = gate();
    const finish = gate();
    let runs = 0;
    const handler = async (): Promise<unknown> => {
      runs++;
      entered.open();
      await finish.promise;
      return end();
    };
    await startApp(engine, { services: [charge(handler)] });
    const first = await engine.sendTask('charge', {});
    await entered.promise;
    const second = await first.sendAgain();
    expect(await second.status()).toBe('in_progress');
    finish.open();
    await second.outcome();
    // The attempt that the outcome belongs to: its duplicate does not start another run.
    await second.sendAgain({ executionId: second.request.executionId });
    await engine.until(() => engine.outcomesOf(first.key).length === 2);
    const executions = engine
      .outcomesOf(first.key)
      .map(({ payload }) => 'executionId' in payload && payload.executionId);
    expect(executions).toEqual([second.request.executionId, second.request.executionId]);
    expect(runs).toBe(1);
  });
});

describe.each(JOURNALS)('X7, with the %s journal:', (_, journal) => {
  it.each<['with' | 'without']>([['with'], ['without']])(
    'a revert %s an output waits for the running handler',
    async (kind) => {
      const engine = await startEngine();
      const events: string[] = [];
      const entered = gate();
      const finish = gate();
      const handler = async (): Promise<Charge> => {
        events.push('begins');
        entered.open();
        await finish.promise;
        events.push('ends');
        return { text: 'charged' };
      };
      const revert = ({ output }: ChargeRevertSource): void =>
        void events.push(`reverted ${output?.text ?? 'without output'}`);
      await startApp(engine, { services: [charge(handler, { also: ['unknown'], revert })], ...journal() });
      const task = await engine.sendTask('charge', {});
      await entered.promise;
      const undo =
        kind === 'without'
          ? await revertWithoutOutput(engine, task, 'unknown')
          : await engine.sendCompensation('charge', { originalTask: task.request, taskResult: { text: 'by another' } });
      await handled(engine);
      expect(events).toEqual(['begins']);
      finish.open();
      expect(await task.output()).toEqual({ text: 'charged' });
      if (kind === 'with') await undo.outcome();
      // The success takes the place of the revert without it.
      else expect(await undo.status()).toBe('not_started');
      expect(events).toEqual(['begins', 'ends', ...(kind === 'with' ? ['reverted by another'] : [])]);
    },
  );

  it('after a revert without an output, no request starts the key', async () => {
    const engine = await startEngine();
    let runs = 0;
    const service = charge(() => ({ text: String(++runs) }), { also: ['unknown'] });
    await startApp(engine, { services: [service], ...journal() });
    const lost = await engine.sendTask('charge', {}, { serviceId: 'unused' });
    await lost.output();
    const request = { ...lost.request, idempotencyKey: 'never-arrived' };
    const data = { originalTask: request, taskResult: null };
    const undo = await engine.sendCompensation('charge', data, { outcome: 'unknown', taskKey: 'never-arrived' });
    await undo.outcome();
    await engine.sendTask('charge', {}, { idempotencyKey: 'never-arrived' });
    await engine.until(() => engine.statusesOf('never-arrived').length === 1);
    expect([engine.statusesOf('never-arrived'), runs]).toEqual([['not_started'], 1]);
  });

  it('a request that arrives while the revert runs does not start the handler', async () => {
    const engine = await startEngine();
    const entered = gate();
    const finish = gate();
    let runs = 0;
    const revert = async (): Promise<void> => {
      entered.open();
      await finish.promise;
    };
    await startApp(engine, { services: [charge(() => ({ text: String(++runs) }), { revert })], ...journal() });
    const originalTask = { type: 'task_request', id: 'task1', input: {}, idempotencyKey: 'k' };
    const undo = await engine.sendCompensation('charge', { originalTask, taskResult: {} });
    await entered.promise;
    await engine.sendTask('charge', {}, { idempotencyKey: 'k' });
    await handled(engine);
    expect(runs).toBe(0);
    finish.open();
    await undo.outcome();
  });

  it.each<[string, () => unknown, 'failed' | 'unknown', boolean]>([
    ['a failure that the engine states', () => Promise.reject(new NonRetryableError('no')), 'failed', true],
    ['an unknown effect that the engine states', () => ({ text: 5 }), 'unknown', true],
    ['a success that the engine does not state', () => ({ text: 'charged' }), 'unknown', false],
  ])('a stored outcome: %s', async (__, handler, outcome, reverts) => {
    const engine = await startEngine();
    const sources: ChargeRevertSource[] = [];
    const revert = (source: ChargeRevertSource): void => void sources.push(source);
    const service = charge(handler, { also: ['failed', 'unknown'], revert });
    await startApp(engine, { services: [service], ...journal() });
    const task = await engine.sendTask('charge', { text: 'in' });
    await task.outcome();
    const undo = await revertWithoutOutput(engine, task, outcome);
    if (reverts) await undo.outcome();
    else expect(await undo.status()).toBe('not_started');
    expect(sources.map(({ input, output, outcome, taskKey }) => ({ input, output, outcome, taskKey }))).toEqual(
      reverts ? [{ input: { text: 'in' }, output: undefined, outcome, taskKey: task.key }] : [],
    );
    expect(engine.outcomesOf(task.key)).toHaveLength(reverts ? 1 : 2);
  });

  it('a failure that the engine has not received is sent again instead of a revert', async () => {
    const engine = await startEngine();
    engine.ackPolicy = 'never';
    const reverts: unknown[] = [];
    const service = charge(() => Promise.reject(new NonRetryableError('no')), {
      also: ['unknown'],
      revert: (source) => void reverts.push(source),
    });
    await startApp(engine, { services: [service], ...journal() });
    const task = await engine.sendTask('charge', {});
    await task.outcome();
    expect(await (await revertWithoutOutput(engine, task, 'unknown')).status()).toBe('not_started');
    expect(reverts).toEqual([]);
  });
});

describe('a process that ended while a handler ran', () => {
  it('the next one responds to task_cancel with `interrupted`, and does not start the key again', async () => {
    const engine = await startEngine();
    const directory = join(await temporaryFolder(), 'journal');
    const entered = gate();
    let runs = 0;
    const handler = async ({ signal }: Task): Promise<never> => {
      runs++;
      entered.open();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('closing'))));
    };
    const journal = { kind: 'file', directory } as const;
    const { app } = await startApp(engine, { services: [charge(handler)], journal });
    const task = await engine.sendTask('charge', {});
    await entered.promise;
    await app.close({ grace: 0 });
    await startApp(engine, { services: [charge(handler)], journal });
    await task.cancel();
    expect(await task.status()).toBe('interrupted');
    await task.sendAgain();
    expect(await task.status(2)).toBe('interrupted');
    expect(runs).toBe(1);
  });
});
