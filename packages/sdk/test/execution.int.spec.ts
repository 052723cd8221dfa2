/** A task from its request to its outcome: duplicates, values, limits, and messages that are not valid. */
import {
  currentTask,
  defineService,
  Handler,
  hasCurrentTask,
  jsonSchema,
  NonRetryableError,
  OrraService,
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

  it('X4: a duplicate of a task with a pending outcome gets it under its own execution', async () => {
    const engine = await startEngine();
    engine.ackPolicy = 'never';
    await startApp(engine, { connection: { ackTimeout: '1h' } });
    const task = await engine.sendTask('echo', { text: 'a' });
    await task.output();
    const again = await task.sendAgain();
    const [, second] = await engine.until(() => {
      const outcomes = engine.outcomesOf(task.key);
      return outcomes.length === 2 && outcomes;
    });
    expect(second?.payload).toMatchObject({ executionId: again.request.executionId });
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

  it('H2: the message of a large invalid input names 20 violations and counts the others, within 16 KB', async () => {
    const member = 'x'.repeat(2_000);
    const lists = jsonSchema<object>({
      type: 'object',
      properties: { [member]: { type: 'array', items: { type: 'integer' } } },
    });
    const options = { name: 'count', description: 'Counts', input: lists, output: lists };
    const engine = await startEngine();
    await startApp(engine, { services: [defineService(options, () => ({}))] });
    const input = { [member]: Array<string>(5_000).fill('not an integer') };
    const { error } = await (await engine.sendTask('count', input)).result();
    expect(error?.split('; ')).toHaveLength(21);
    expect(error).toMatch(/; and 4980 more violations$/);
    expect(Buffer.byteLength(error ?? '')).toBeLessThan(16 * 1024 + 100);
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

  it('of a second copy of this package finds the task', async () => {
    let copy: { currentTask: () => Task } | undefined;
    jest.isolateModules(() => {
      copy = jest.requireActual<{ currentTask: () => Task }>('../src');
    });
    const engine = await startEngine();
    await startApp(engine, { services: [echo((task) => ({ text: String(copy?.currentTask() === task) }))] });
    expect(await (await engine.sendTask('echo', { text: 'a' })).output()).toEqual({ text: 'true' });
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
