import {
  CompensationResult,
  currentTask,
  Handler,
  hasCurrentTask,
  NonRetryableError,
  OrraService,
  RetryableError,
  RevertHandler,
  type RevertSource,
  type Task,
} from '../src';
import { closeAll, echo, echoSchema, gate, startApp, startEngine, type EchoInput } from './support/harness';

afterEach(closeAll);

describe('one key, one run', () => {
  it('X1: the response to a duplicate of a running key is in_progress, and the handler runs once', async () => {
    const engine = await startEngine();
    const finish = gate();
    let runs = 0;
    await startApp(engine, {
      services: [
        echo(async (task) => {
          runs++;
          await finish.promise;
          return task.input;
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'once' });
    const duplicate = await task.sendAgain();
    const status = await engine.until(() => engine.received.find(({ payload }) => payload.type === 'task_status'));
    expect(status.payload).toMatchObject({
      status: 'in_progress',
      idempotencyKey: task.key,
      executionId: duplicate.request.executionId,
    });
    finish.open();
    expect(await task.output()).toEqual({ text: 'once' });
    expect(runs).toBe(1);
  });

  it('X1: a duplicate on a new connection does not cause a second run', async () => {
    const engine = await startEngine();
    const entered = gate();
    const finish = gate();
    let runs = 0;
    await startApp(engine, {
      services: [
        echo(async (task) => {
          runs++;
          entered.open();
          await finish.promise;
          return task.input;
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'once' });
    await entered.promise;
    engine.dropAll();
    await engine.connection(2);
    await task.sendAgain();
    await engine.until(() => engine.received.some(({ payload }) => payload.type === 'task_status'));
    finish.open();
    await task.output();
    expect(runs).toBe(1);
  });

  it('X2: a later duplicate gets the stored result with a new message id', async () => {
    const engine = await startEngine();
    let runs = 0;
    await startApp(engine, { services: [echo(() => ({ text: `run ${++runs}` }))] });
    const task = await engine.sendTask('echo', { text: 'a' });
    await task.output();
    const again = await task.sendAgain();
    const [first, second] = await engine.until(() => {
      const outcomes = engine.outcomesOf(task.key);
      return outcomes.length === 2 && outcomes;
    });
    expect(second?.id).not.toBe(first?.id);
    expect(second?.payload).toEqual({ ...first?.payload, executionId: again.request.executionId });
    expect(runs).toBe(1);
  });

  it('X2: the response to a duplicate of an aborted task is the abort', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [echo((task) => task.abort({ reason: 'sold out' }))] });
    const task = await engine.sendTask('echo', { text: 'a' });
    const first = await task.outcome();
    expect(first).toMatchObject({ type: 'task_abort_result', result: { task: { reason: 'sold out' } } });
    await task.sendAgain();
    const outcomes = await engine.until(() => {
      const all = engine.outcomesOf(task.key);
      return all.length === 2 && all;
    });
    expect(outcomes[1]?.payload.type).toBe('task_abort_result');
  });

  it('X2: a duplicate gets a final failure from the journal; after a retryable failure the handler runs again', async () => {
    const engine = await startEngine();
    const runs = { final: 0, retryable: 0 };
    await startApp(engine, {
      services: [
        echo(
          () => {
            runs.final++;
            throw new NonRetryableError('never');
          },
          { name: 'final' },
        ),
        echo(
          (task) => {
            runs.retryable++;
            if (task.attempt === 1) throw new Error('not yet');
            return { text: `attempt ${task.attempt}` };
          },
          { name: 'retryable' },
        ),
      ],
    });
    const final = await engine.sendTask('final', { text: 'a' });
    await final.result();
    await final.sendAgain();
    await engine.until(() => engine.outcomesOf(final.key).length === 2);
    expect(runs.final).toBe(1);

    const retryable = await engine.sendTask('retryable', { text: 'a' });
    await retryable.result();
    await retryable.sendAgain({ executionId: retryable.request.executionId });
    await engine.until(() => engine.outcomesOf(retryable.key).length === 2);
    expect(runs.retryable).toBe(1);
    await retryable.sendAgain();
    const outcomes = await engine.until(() => {
      const all = engine.outcomesOf(retryable.key);
      return all.length === 3 && all;
    });
    expect(outcomes[2]?.payload).toMatchObject({ result: { task: { text: 'attempt 2' } } });
  });
});

describe('updates', () => {
  it('X5: an outcome is sent after the ACK of its last update', async () => {
    const engine = await startEngine();
    engine.ackPolicy = ({ payload }) => (payload.type === 'task_interim_result' ? 'never' : 'always');
    await startApp(engine, {
      connection: { ackTimeout: '1h' },
      services: [
        echo(async (task) => {
          for (let progress = 0; progress < 3; progress++) await task.pushUpdate({ progress });
          return task.input;
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'a' });
    await engine.until(() => task.updates.length === 3);
    const connection = await engine.connected();
    const ids = connection.received.filter(({ payload }) => payload.type === 'task_interim_result').map(({ id }) => id);
    for (const id of ids.slice(0, 2)) connection.acknowledge(id);
    connection.ping();
    await engine.until(() => connection.received.some(({ payload }) => payload.type === 'pong'));
    expect(engine.outcomesOf(task.key)).toEqual([]);
    connection.acknowledge(ids[2] as string);
    await task.output();
    expect(task.updates).toEqual([{ progress: 0 }, { progress: 1 }, { progress: 2 }]);
  });

  it('X5: an outcome waits only for a limited time for an update that is not acknowledged', async () => {
    const engine = await startEngine();
    engine.ackPolicy = ({ payload }) => (payload.type === 'task_interim_result' ? 'never' : 'always');
    await startApp(engine, {
      services: [
        echo(async (task) => {
          await task.pushUpdate({ progress: 1 });
          return task.input;
        }),
      ],
    });
    await (await engine.sendTask('echo', { text: 'a' })).output();
  });

  it('X5: on the Go engine the outcome also waits until the engine has collected the updates', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    await startApp(engine, {
      services: [
        echo(async (task) => {
          await task.pushUpdate({ progress: 1 });
          return task.input;
        }),
      ],
    });
    const times: Record<string, number> = {};
    engine.ackPolicy = ({ payload }) => {
      times[payload.type] = performance.now();
      return 'always';
    };
    await (await engine.sendTask('echo', { text: 'a' })).output();
    // A lower bound, since the engine collects updates every 100 ms. A slow machine only increases it.
    expect((times['task_result'] as number) - (times['task_interim_result'] as number)).toBeGreaterThan(125);
  });

  it('X6: an oversized update is dropped with a warning, an oversized output fails naming the sizes', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    const { log } = await startApp(engine, {
      services: [
        echo(async (task) => {
          await task.pushUpdate({ message: 'x'.repeat(11_000) });
          await task.pushUpdate({ progress: 2 });
          return { text: 'ö'.repeat(5_200) };
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'a' });
    const { result, error } = await task.result();
    expect(result).toBeNull();
    expect(error).toMatch(/output of .*echo.* makes a message of 10\d\d\d bytes, the engine takes 10240/);
    expect(task.updates).toEqual([{ progress: 2 }]);
    expect(log.text).toContain('update dropped');
    expect(engine.connections).toHaveLength(1);
  });

  it('X6: a message of exactly the limit is sent, one byte more is not', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    await startApp(engine, { services: [echo((task) => ({ text: 'x'.repeat(Number(task.input.text)) }))] });
    const fits = await engine.sendTask('echo', { text: '9500' });
    await fits.output();
    for (let length = 9_600; length <= 10_240; length += 16) {
      const task = await engine.sendTask('echo', { text: String(length) });
      await task.result();
    }
    expect(engine.connections).toHaveLength(1);
  });

  it('X6: an abort whose payload is too large stays an abort', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    await startApp(engine, { services: [echo((task) => task.abort({ list: 'x'.repeat(20_000) }))] });
    const outcome = await (await engine.sendTask('echo', { text: 'a' })).outcome();
    expect(outcome).toMatchObject({
      type: 'task_abort_result',
      result: { task: { orra: expect.stringMatching(/20\d\d\d bytes/) as string } },
    });
  });

  it('X6: an engine with a smaller limit than the option closes the connection only once', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    const { log } = await startApp(engine, {
      services: [echo((task) => ({ text: 'x'.repeat(Number(task.input.text)) }))],
      maxMessageBytes: 65_536,
    });
    const large = await engine.sendTask('echo', { text: '20000' });
    expect((await large.result()).error).toMatch(/outcome of .*echo.* has 200\d\d bytes, more than the engine takes/);
    expect(log.text).toContain('set the option `maxMessageBytes`');
    expect(engine.connections).toHaveLength(2);
    const again = await engine.sendTask('echo', { text: '20000' });
    expect((await again.result()).error).toMatch(/the engine takes 10240/);
    await engine.sendTask('echo', { text: '20000' }, { idempotencyKey: large.key });
    const { payload } = await engine.until(() => engine.outcomesOf(large.key)[1], 'an answer to the duplicate');
    expect(payload).toMatchObject({ error: expect.stringMatching(/more than the engine takes/) as string });
    expect(engine.connections).toHaveLength(2);
  });
});

describe('handlers that throw anything', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  it.each([
    ['null', null, /null was thrown/],
    ['undefined', undefined, /undefined was thrown/],
    ['a string', 'out of stock', /^out of stock$/],
    ['an empty string', '', /empty string/],
    ['an Error without a message', new Error(''), /^Error$/],
    ['a number', 42, /^42$/],
    ['an object', { reason: 'x' }, /reason/],
    ['a cyclic object', cyclic, /its members: self/],
    ['a symbol', Symbol('s'), /Symbol\(s\)/],
    ['a revoked proxy', revoked.proxy, /cannot be read/],
    ['an Error whose message is a bigint', Object.assign(new Error('x'), { message: 5n }), /^5$/],
    [
      'an Error with a message of 10 MB',
      new Error('x'.repeat(10_000_000)),
      /^x{8000,8192}\.\.\. \(10000000 characters\)$/,
    ],
  ])('H1: %s becomes one non-empty error, thrown at once or later', async (_, thrown, text) => {
    const engine = await startEngine();
    await startApp(engine, {
      services: [
        echo(() => {
          throw thrown;
        }),

        echo(() => Promise.reject(thrown), { name: 'later' }),
      ],
    });
    for (const name of ['echo', 'later']) {
      const { result, error, failure } = await (await engine.sendTask(name, { text: 'a' })).result();
      expect(result).toBeNull();
      expect(error).toMatch(text);
      expect(failure).toMatchObject({ code: 'ORRA_HANDLER_FAILED', retryable: true });
    }
  });

  it('errors control retries with code, retryable and retryAfterMs', async () => {
    const engine = await startEngine();
    await startApp(engine, {
      services: [
        echo(() => {
          throw new NonRetryableError('bad card', { code: 'CARD_REFUSED' });
        }),
        echo(
          () => {
            throw new RetryableError('busy', { retryAfter: '2m' });
          },
          { name: 'busy' },
        ),
      ],
    });
    expect((await (await engine.sendTask('echo', { text: 'a' })).result()).failure).toEqual({
      code: 'CARD_REFUSED',
      name: 'NonRetryableError',
      retryable: false,
    });
    expect((await (await engine.sendTask('busy', { text: 'a' })).result()).failure).toEqual({
      code: 'ORRA_RETRYABLE',
      name: 'RetryableError',
      retryable: true,
      retryAfterMs: 120_000,
    });
  });

  it('the Go engine gets only the message', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    await startApp(engine, {
      services: [
        echo(() => {
          throw new NonRetryableError('bad card');
        }),
      ],
    });
    const result = await (await engine.sendTask('echo', { text: 'a' })).result();
    expect(result.error).toBe('bad card');
    expect(result).not.toHaveProperty('failure');
  });

  it('abort is final at the call: a catch, return or later throw does not change it', async () => {
    const engine = await startEngine();
    const swallow = (after: () => unknown) => (task: Task<EchoInput>) => {
      try {
        task.abort({ first: true });
      } catch {
        // A catch in user code.
      }
      try {
        task.abort({ second: true });
      } catch {
        // A second abort.
      }
      return after();
    };
    await startApp(engine, {
      services: [
        echo(
          swallow(() => ({ text: 'returned' })),
          { name: 'returns' },
        ),
        echo(
          swallow(() => {
            throw new Error('thrown');
          }),
          { name: 'throws' },
        ),
      ],
    });
    for (const name of ['returns', 'throws']) {
      const task = await engine.sendTask(name, { text: 'a' });
      expect(await task.outcome()).toMatchObject({ type: 'task_abort_result', result: { task: { first: true } } });
    }
  });

  it('abort without a payload sends an empty one', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [echo((task) => task.abort())] });
    expect(await (await engine.sendTask('echo', { text: 'a' })).outcome()).toMatchObject({ result: { task: {} } });
  });
});

describe('input and output', () => {
  it('H2: invalid input is a final failure with every violation, and does not reach the handler', async () => {
    const engine = await startEngine();
    let runs = 0;
    await startApp(engine, { services: [echo(() => ++runs)] });
    const { error, failure } = await (await engine.sendTask('echo', { text: 5 })).result();
    expect(error).toMatch(/input of .*echo.* violates its schema: text/);
    expect(failure).toEqual({ code: 'ORRA_INVALID_INPUT', retryable: false });
    expect(runs).toBe(0);
  });

  it('H2: invalid output fails, and so does missing output with required members', async () => {
    const engine = await startEngine();
    await startApp(engine, {
      services: [echo(() => ({ text: 1 }), { name: 'wrong' }), echo(() => undefined, { name: 'nothing' })],
    });
    expect(await (await engine.sendTask('wrong', { text: 'a' })).result()).toMatchObject({
      error: expect.stringMatching(/output of .*wrong.* violates its schema: text/) as string,
      failure: { code: 'ORRA_INVALID_OUTPUT', retryable: false },
    });
    expect(await (await engine.sendTask('nothing', { text: 'a' })).result()).toMatchObject({
      error: expect.stringMatching(/returned nothing/) as string,
      failure: { code: 'ORRA_INVALID_OUTPUT', retryable: false },
    });
  });

  it('the task has the members that the engine sends', async () => {
    const engine = await startEngine();
    const seen: Task[] = [];
    const { log } = await startApp(engine, {
      services: [
        echo((task) => {
          seen.push(task);
          task.logger.info('at work');
          return task.input;
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'a' }, { id: 'task7', attempt: 3, metadata: { tenant: 't1' } });
    await task.output();
    expect(seen[0]).toMatchObject({
      id: 'task7',
      executionId: task.request.executionId,
      idempotencyKey: task.key,
      attempt: 3,
      interrupted: false,
      metadata: { tenant: 't1' },
      input: { text: 'a' },
    });
    expect(log.lines.find(({ message }) => message === 'at work')?.fields).toMatchObject({ taskId: 'task7' });
  });

  it('the signal is aborted on timeout, and a later result of the handler still counts', async () => {
    const engine = await startEngine();
    await startApp(engine, {
      services: [
        echo(async ({ signal, input }) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          return { text: `${input.text}: ${(signal.reason as Error).message}` };
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'late' }, { timeoutMs: 20 });
    expect(await task.output()).toEqual({ text: 'late: the task ran for longer than 20 ms' });
  });

  it('concurrency limits the handlers that run at once', async () => {
    const engine = await startEngine();
    const finish = gate();
    let active = 0;
    let most = 0;
    await startApp(engine, {
      services: [
        echo(
          async (task) => {
            most = Math.max(most, ++active);
            await finish.promise;
            active--;
            return task.input;
          },
          { concurrency: 2 },
        ),
      ],
    });
    const tasks = await Promise.all([1, 2, 3, 4, 5].map((n) => engine.sendTask('echo', { text: `${n}` })));
    await tasks[4]?.sendAgain();
    // The response to the duplicate shows that all five have arrived; the fifth is in progress although it is queued.
    await engine.until(() => engine.received.some(({ payload }) => payload.type === 'task_status'));
    expect(active).toBe(2);
    finish.open();
    await Promise.all(tasks.map((task) => task.output()));
    expect(most).toBe(2);
  });
});

describe('currentTask', () => {
  it('is available in everything that a handler awaits, for both values of `takes`, and nowhere else', async () => {
    const engine = await startEngine();
    const ids: string[] = [];
    @OrraService({ name: 'plain', description: 'Existing methods stay as they are' })
    class Plain {
      @Handler({ input: echoSchema, output: echoSchema, takes: 'input' })
      async hold(input: EchoInput): Promise<EchoInput> {
        await new Promise(setImmediate);
        ids.push(currentTask().id);
        await currentTask().pushUpdate({ progress: 5 });
        return input;
      }
    }
    const instance = new Plain();
    await startApp(engine, {
      services: [
        { class: Plain, useValue: instance },
        echo(async (task) => {
          await new Promise(setImmediate);
          expect(currentTask()).toBe(task);
          return task.input;
        }),
      ],
    });
    const plain = await engine.sendTask('plain', { text: 'a' }, { id: 'task3' });
    expect(await plain.output()).toEqual({ text: 'a' });
    expect(plain.updates).toEqual([{ progress: 5 }]);
    expect(ids).toEqual(['task3']);
    await (await engine.sendTask('echo', { text: 'a' })).output();
    expect(hasCurrentTask()).toBe(false);
    expect(() => currentTask()).toThrow(expect.objectContaining({ code: 'ORRA_MISSING_CURRENT_TASK' }));
  });
});

describe('reverts', () => {
  const sources: RevertSource<EchoInput, EchoInput>[] = [];
  const revertible = (revert: (source: RevertSource<EchoInput, EchoInput>) => unknown) =>
    echo((task) => ({ text: `${task.input.text}!` }), { revert: revert as () => void, revertibleFor: '2h' });
  beforeEach(() => sources.splice(0));

  it('a revert gets the input and output of its handler', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [revertible((source) => void sources.push(source))] });
    const task = await engine.sendTask('echo', { text: 'a' });
    const { result } = await task.result();
    const compensation = result?.['compensation'] as { data: unknown; ttl: number };
    expect(compensation.ttl).toBe(7_200_000);
    const revert = await engine.sendCompensation('echo', compensation.data);
    expect((await revert.result()).result).toEqual({ status: 'completed' });
    expect(sources[0]).toMatchObject({
      input: { text: 'a' },
      output: { text: 'a!' },
      attempt: 1,
      idempotencyKey: revert.key,
      context: { orchestrationId: 'o_fake', reason: 'failed', timestamp: new Date('2026-01-01T00:00:00.123Z') },
    });
  });

  it.each([
    ['JavaScript', { type: 'task_request', id: 'task1', input: { text: 'a' }, idempotencyKey: 'k' }],
    ['Python', { text: 'a' }],
  ])('H3: data in the form of the %s SDK is understood', async (_, originalTask) => {
    const engine = await startEngine();
    await startApp(engine, { services: [revertible((source) => void sources.push(source))] });
    await (await engine.sendCompensation('echo', { originalTask, taskResult: { text: 'b' } })).result();
    expect(sources[0]).toMatchObject({ input: { text: 'a' }, output: { text: 'b' } });
  });

  it('H3: a stored value that no longer fits the schema still reaches the revert', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [revertible((source) => void sources.push(source))] });
    await (await engine.sendCompensation('echo', { originalTask: { old: 1 }, taskResult: 7 })).result();
    await (await engine.sendCompensation('echo', null)).result();
    expect(sources.map(({ input, output }) => [input, output])).toEqual([
      [{ old: 1 }, 7],
      [undefined, undefined],
    ]);
  });

  it('H3: a throw is retried, failed() is final, partial() names the rest', async () => {
    const engine = await startEngine();
    let runs = 0;
    await startApp(engine, {
      services: [
        revertible(({ input: { text } }) => {
          runs++;
          if (text === 'throw') throw new Error('later');
          if (text === 'failed') return CompensationResult.failed(new Error('money is gone'));
          return CompensationResult.partial({ completed: ['a'], remaining: ['b'] });
        }),
      ],
    });
    const revert = (text: string) => engine.sendCompensation('echo', { originalTask: { text }, taskResult: {} });
    expect(await (await revert('throw')).result()).toMatchObject({
      error: 'later',
      failure: { code: 'ORRA_REVERT_FAILED', retryable: true },
    });
    const failed = await revert('failed');
    expect(await failed.result()).toMatchObject({
      error: 'money is gone',
      failure: { code: 'ORRA_REVERT_FAILED', retryable: false },
    });
    const before = runs;
    await failed.sendAgain();
    await engine.until(() => engine.outcomesOf(failed.key).length === 2);
    expect(runs).toBe(before);
    expect((await (await revert('partial')).result()).result).toEqual({
      status: 'partial',
      partial: { completed: ['a'], remaining: ['b'] },
    });
  });

  it('a compensation for a service without a revert handler fails with a remedy', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [echo()] });
    expect(await (await engine.sendCompensation('echo', {})).result()).toMatchObject({
      error: expect.stringMatching(/no revert handler.*@RevertHandler/) as string,
      failure: { code: 'ORRA_MISSING_REVERT_HANDLER', retryable: false },
    });
  });

  it('a revert handler runs on the instance of its class', async () => {
    const engine = await startEngine();
    @OrraService({ name: 'stock', description: 'Holds stock' })
    class Stock {
      held: string[] = [];
      @Handler({ input: echoSchema, output: echoSchema })
      hold({ input }: Task<EchoInput>): EchoInput {
        this.held.push(input.text);
        return input;
      }
      @RevertHandler('hold')
      release({ output }: RevertSource<EchoInput, EchoInput>): void {
        this.held = this.held.filter((held) => held !== output.text);
      }
    }
    const stock = new Stock();
    await startApp(engine, { services: [Stock], resolver: { get: () => stock } });
    const { result } = await (await engine.sendTask('stock', { text: 'a' })).result();
    expect(stock.held).toEqual(['a']);
    await (await engine.sendCompensation('stock', (result?.['compensation'] as { data: unknown }).data)).result();
    expect(stock.held).toEqual([]);
  });
});

describe('malformed messages of the engine', () => {
  it('are ignored with a warning that names the problem, and the service continues', async () => {
    const engine = await startEngine();
    const { log } = await startApp(engine);
    const connection = await engine.connected();
    for (const text of ['', '{', '[]', '{}', '{"type":"later"}', '{"type":"task_request","id":1}', 'null']) {
      connection.sendRaw(text);
    }
    await (await engine.sendTask('echo', { text: 'a' })).output();
    const warnings = log.lines.filter(({ message }) => message === 'message of the engine ignored');
    expect(warnings).toHaveLength(7);
    expect(warnings.map(({ fields }) => fields['problem']).join()).toMatch(/"later".*newer engine/);
    expect(engine.connections).toHaveLength(1);
  });
});
