/** What services may return, and what their methods may do: thenables, instances, and calls that never settle. */
import { getEventListeners } from 'node:events';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ManualClock } from '@orra-ts/common/testing';
import {
  Handler,
  OrraService,
  RevertHandler,
  defineService,
  hasCurrentTask,
  type OrraApplication,
  type RevertSource,
  type ServiceSource,
  type Task,
} from '../src';
import { closeAll, createApp, echo, echoSchema, gate, startApp, startEngine, type EchoInput } from './support/harness';

afterEach(closeAll);

const HANG = (): Promise<never> => new Promise(() => undefined);

/** A Standard Schema of `{ text }` with a rule of the test. */
const ruled = (validate: (value: unknown) => unknown) =>
  ({
    '~standard': {
      version: 1,
      vendor: 'test',
      validate,
      jsonSchema: { input: () => echoSchema.schema, output: () => echoSchema.schema },
    },
  }) as unknown as StandardSchemaV1<EchoInput, EchoInput>;

describe('H1: a thenable is adopted as `await` does', () => {
  const revoked = (): unknown => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  const output = { text: 'first' };
  type Settle = (value: unknown) => void;

  it.each<[string, () => unknown, unknown]>([
    ['resolves twice', () => ({ then: (ok: Settle) => [output, { text: 'second' }].forEach(ok) }), output],
    ['resolves with a promise', () => ({ then: (ok: Settle) => ok(Promise.resolve(output)) }), output],
    ['is a function', () => Object.assign(() => undefined, { then: (ok: Settle) => ok(output) }), output],
    [
      'is a promise with its own `then`',
      () => Object.assign(Promise.resolve({ text: 'inner' }), { then: (ok: Settle) => ok(output) }),
      output,
    ],
    [
      'throws in `then`',
      () => ({
        then() {
          throw new Error('no connection');
        },
      }),
      /no connection/,
    ],
    [
      'throws in a getter',
      () => ({
        get then() {
          throw new Error('no connection');
        },
      }),
      /no connection/,
    ],
    ['is a revoked proxy', revoked, /revoked/],
    ['is a proxy of a promise', () => new Proxy(Promise.resolve(output), {}), /incompatible receiver/],
  ])('that %s, from a handler, a rule of its input, and a rule of its output', async (_, value, expected) => {
    const engine = await startEngine();
    // A rule resolves with a result in place of the value.
    const rule = (): unknown => {
      const given = value() as { then: (ok: Settle, fail: Settle) => unknown };
      if (expected instanceof RegExp) return given;
      const fulfil =
        (ok: Settle): Settle =>
        (text) =>
          ok({ value: text });
      return {
        then: (ok: Settle, fail: Settle) =>
          given.then((first) => void Promise.resolve(first).then(fulfil(ok), fail), fail),
      };
    };
    const service = (name: string, sides: object, handler: () => unknown): ServiceSource =>
      defineService(
        { name, description: 'd', input: echoSchema, output: echoSchema, ...sides },
        handler as () => EchoInput,
      );
    await startApp(engine, {
      services: [
        service('handler', {}, value),
        service('input', { input: ruled(rule) }, () => output),
        service('output', { output: ruled(rule) }, () => output),
      ],
    });
    for (const name of ['handler', 'input', 'output']) {
      const task = await engine.sendTask(name, { text: 'a' });
      const { result, error } = await task.result();
      if (expected instanceof RegExp) expect(error).toMatch(expected);
      else expect(result).toMatchObject({ task: expected });
      // The next task has a slot, and no second outcome of the first one arrives.
      await (await engine.sendTask(name, { text: 'b' })).result();
      expect(engine.outcomesOf(task.key)).toHaveLength(1);
    }
  });

  it('a lazy query begins within its task', async () => {
    const engine = await startEngine();
    const query = { then: (ok: Settle) => ok({ text: String(hasCurrentTask()) }) };
    await startApp(engine, { services: [echo(() => query)] });
    expect(await (await engine.sendTask('echo', { text: 'a' })).output()).toEqual({ text: 'true' });
  });

  it('`then` is read once', async () => {
    const engine = await startEngine();
    let reads = 0;
    const counted = (): unknown => ({
      get then() {
        reads++;
        return (ok: Settle) => ok(output);
      },
    });
    await startApp(engine, { services: [echo(counted)] });
    await (await engine.sendTask('echo', { text: 'a' })).output();
    expect(reads).toBe(1);
  });
});

describe('an instance of a service class', () => {
  @OrraService({ name: 'stock', description: 'Holds stock' })
  class Stock {
    @Handler({ input: echoSchema, output: echoSchema })
    reserve(task: Task<EchoInput>): EchoInput {
      return task.input;
    }
    @RevertHandler('reserve')
    release(_: RevertSource<EchoInput, EchoInput>): void {
      // Nothing to do.
    }
  }
  const copy = (): Stock => ({ reserve: ({ input }: Task<EchoInput>) => input }) as unknown as Stock;

  it('useValue without a method prevents the start and names class, method and source', async () => {
    const engine = await startEngine();
    await expect(createApp(engine, { services: [{ class: Stock, useValue: copy() }] })).rejects.toMatchObject({
      code: 'ORRA_BOOT_FAILED',
      message: expect.stringMatching(/Stock\.release: the instance from useValue has no method release/) as string,
    });
    await expect(
      createApp(engine, { services: [{ class: Stock, useValue: null as unknown as object }] }),
    ).rejects.toMatchObject({ message: expect.stringMatching(/useValue gave null instead of an instance/) as string });
  });

  it.each<[string, ServiceSource, object, RegExp]>([
    ['a factory', { class: Stock, useFactory: copy }, {}, /Stock\.release: the instance from useFactory has no method/],
    ['a resolver', Stock, { resolver: { get: copy } }, /Stock\.release: the instance from the resolver has no method/],
  ])('one of %s without a method is an error of start()', async (_, source, options, message) => {
    const engine = await startEngine();
    const { app } = await createApp(engine, { services: [source], ...options });
    await expect(app.start()).rejects.toMatchObject({
      code: 'ORRA_BOOT_FAILED',
      message: expect.stringMatching(message) as string,
    });
  });

  it('a method that is removed later fails its task and its revert', async () => {
    const engine = await startEngine();
    const instance = new Stock() as unknown as Record<string, unknown>;
    await startApp(engine, { services: [{ class: Stock, useValue: instance }] });
    const done = await (await engine.sendTask('stock', { text: 'a' })).result();
    instance['release'] = undefined;
    instance['reserve'] = undefined;
    const data = (done.result as { compensation: { data: unknown } }).compensation.data;
    for (const request of [
      await engine.sendTask('stock', { text: 'a' }),
      await engine.sendCompensation('stock', data),
    ]) {
      expect(await request.result()).toMatchObject({
        error: expect.stringMatching(/Stock\.re.+: the instance from useValue has no method re/) as string,
        failure: { code: 'ORRA_MISSING_METHOD', retryable: false },
      });
    }
  });

  it.each<[string, (instance: object) => [ServiceSource, object]]>([
    ['useValue', (instance) => [{ class: Stock, useValue: instance }, {}]],
    ['a factory', (instance) => [{ class: Stock, useFactory: () => instance }, {}]],
    ['a resolver', (instance) => [Stock, { resolver: { get: () => instance } }]],
  ])('one of %s that has a `then` method is not awaited', async (_, sourceOf) => {
    const engine = await startEngine();
    const [source, options] = sourceOf(Object.assign(new Stock(), { then: () => undefined }));
    await startApp(engine, { services: [source], ...options });
    expect(await (await engine.sendTask('stock', { text: 'a' })).output()).toEqual({ text: 'a' });
  });

  it('a resolver that does not settle is named in the log and in health(), and is no obstacle to close()', async () => {
    const engine = await startEngine();
    const clock = new ManualClock();
    const provided = gate<object>();
    const released: object[] = [];
    const asked = gate();
    const resolver = {
      get: () => {
        asked.open();
        return provided.promise;
      },
      release: (instance: object) => void released.push(instance),
    };
    const { app, log } = await createApp(engine, { services: [Stock], resolver, clock });
    const starting = app.start();
    await asked.promise;
    await clock.advance(39_999);
    expect(log.text).not.toContain('still being created');
    await clock.advance(1);
    expect(log.text).toMatch(/warn an instance is still being created.*the resolver of Stock/);
    expect(app.health().services[0]?.overdue).toEqual({
      count: 1,
      oldest: [{ label: 'the resolver of Stock', idempotencyKey: undefined, ageMs: 40_000 }],
    });
    const closed = app.close();
    await expect(starting).rejects.toMatchObject({ code: 'ORRA_APP_CLOSED' });
    await closed;
    const late = new Stock();
    provided.open(late);
    await new Promise((resolve) => setImmediate(resolve));
    expect(released).toEqual([late]);
  });
});

describe('H1: a handler that never settles', () => {
  const running: { app: OrraApplication; clock: ManualClock }[] = [];
  afterEach(async () => {
    for (const { app, clock } of running.splice(0)) {
      const closed = app.close({ grace: 0 });
      while (app.health().status !== 'closed') await clock.advance(500);
      await closed;
    }
    await closeAll();
  });

  /** Virtual time. */
  async function start(services: ServiceSource[], options: object = {}) {
    const engine = await startEngine();
    const clock = new ManualClock();
    const { app, log } = await startApp(engine, { services, clock, connection: { ackTimeout: '1h' }, ...options });
    running.push({ app, clock });
    const warnings = (): object[] =>
      log.lines.filter(({ message }) => message.startsWith('a handler does not end')).map(({ fields }) => fields);
    return { engine, clock, app, log, warnings };
  }
  const revertible = { revert: HANG } as unknown as object;

  it.each<[string, ServiceSource, 'task' | 'revert', object | undefined, number]>([
    ['a handler with its own limit', echo(HANG, { timeout: '5s', concurrency: 1 }), 'task', undefined, 10_000],
    ['a handler with a limit of the engine', echo(HANG, { concurrency: 1 }), 'task', { timeoutMs: 4_000 }, 8_000],
    ['a handler without a known limit', echo(HANG, { concurrency: 1 }), 'task', undefined, 40_000],
    ['a revert', echo(HANG, { concurrency: 1, ...revertible }), 'revert', { timeoutMs: 20_000 }, 30_000],
    ['a revert without a known limit', echo(HANG, { concurrency: 1, ...revertible }), 'revert', undefined, 40_000],
    [
      'a rule of the input',
      defineService(
        { name: 'echo', description: 'd', input: ruled(HANG), output: echoSchema, timeout: '5s', concurrency: 1 },
        (task) => task.input,
      ),
      'task',
      undefined,
      10_000,
    ],
    [
      'a rule of the output',
      defineService(
        { name: 'echo', description: 'd', input: echoSchema, output: ruled(HANG), timeout: '5s', concurrency: 1 },
        (task) => task.input,
      ),
      'task',
      undefined,
      10_000,
    ],
  ])('%s: its slot is free after the limit and the grace period', async (_, service, kind, request, afterMs) => {
    const { engine, clock, app, warnings } = await start([service]);
    const send = (): ReturnType<typeof engine.sendTask> =>
      kind === 'task'
        ? engine.sendTask('echo', { text: 'a' }, request)
        : engine.sendCompensation('echo', { originalTask: { text: 'a' }, taskResult: null }, request);
    const first = await send();
    const second = await send();
    await second.sendAgain();
    await second.status();
    await clock.advance(afterMs - 1);
    expect(app.health()).toMatchObject({ status: 'ready', services: [{ overdue: { count: 0, oldest: [] } }] });
    await clock.advance(1);
    expect(warnings()).toMatchObject([{ idempotencyKey: first.key, ageMs: afterMs }]);
    expect(app.health()).toMatchObject({
      status: 'degraded',
      services: [{ overdue: { count: 1, oldest: [{ idempotencyKey: first.key, ageMs: afterMs }] } }],
    });
    // The second one has the slot from then on.
    await clock.advance(afterMs);
    expect(warnings()).toMatchObject([{ idempotencyKey: first.key }, { idempotencyKey: second.key }]);
    // X1: no outcome is invented.
    await first.sendAgain();
    expect(await first.status()).toBe('in_progress');
    expect(engine.outcomesOf(first.key)).toEqual([]);
  });

  it('its late outcome is accepted, under the newest execution, and does not free a slot twice', async () => {
    const late = gate<EchoInput>();
    let running = 0;
    let most = 0;
    const entered = gate();
    const others = gate();
    const { engine, clock, app } = await start(
      [
        echo(
          async ({ input }) => {
            if (input.text === 'late') return late.promise;
            most = Math.max(most, ++running);
            entered.open();
            await others.promise;
            running--;
            return input;
          },
          { timeout: '5s', concurrency: 1 },
        ),
      ],
      { handlerGrace: '1s' },
    );
    const task = await engine.sendTask('echo', { text: 'late' });
    const first = await engine.sendTask('echo', { text: 'a' });
    const second = await engine.sendTask('echo', { text: 'b' });
    await second.sendAgain();
    await second.status();
    await clock.advance(6_000);
    await entered.promise;
    const again = await task.sendAgain();
    await task.status();
    late.open({ text: 'done' });
    expect(await task.result()).toMatchObject({
      executionId: again.request.executionId,
      result: { task: { text: 'done' } },
    });
    expect(app.health().status).toBe('ready');
    others.open();
    await Promise.all([first.output(), second.output()]);
    expect(most).toBe(1);
  });

  it('close() does not wait for it, and names it', async () => {
    const { engine, clock, app, log, warnings } = await start([echo(HANG, { timeout: '5s' })]);
    const task = await engine.sendTask('echo', { text: 'a' });
    await task.sendAgain();
    await task.status();
    await clock.advance(10_000);
    expect(warnings()).toHaveLength(1);
    const closed = app.close({ grace: '1h' });
    // Only the time in which it may react to its signal.
    while (app.health().status !== 'closed') await clock.advance(500);
    await closed;
    expect(clock.monotonicMs()).toBeLessThan(20_000);
    expect(log.text).toMatch(new RegExp(`warn handlers still run and are not waited for.*${task.key}`));
  });

  it('a task that its handler has aborted ends as aborted', async () => {
    const { engine, clock } = await start([
      echo(
        (task) => {
          try {
            task.abort({ reason: 'sold out' });
          } catch {
            return HANG();
          }
        },
        { timeout: '5s' },
      ),
    ]);
    const task = await engine.sendTask('echo', { text: 'a' });
    await task.sendAgain();
    await task.status();
    await clock.advance(10_000);
    expect(await task.outcome()).toMatchObject({ type: 'task_abort_result', result: { task: { reason: 'sold out' } } });
  });
});

it('an abort during the check of the output is the abort', async () => {
  const engine = await startEngine();
  const checking = gate();
  const checked = gate<unknown>();
  let abort = (): void => undefined;
  const service = defineService(
    {
      name: 'echo',
      description: 'd',
      input: echoSchema,
      output: ruled((value) => {
        if ((value as Partial<EchoInput>).text === 'a') checking.open();
        return checked.promise;
      }),
    },
    (task) => {
      abort = () => {
        try {
          task.abort({ reason: 'late' });
        } catch {
          // Only leaves the handler.
        }
      };
      return task.input;
    },
  );
  await startApp(engine, { services: [service] });
  const task = await engine.sendTask('echo', { text: 'a' });
  await checking.promise;
  abort();
  checked.open({ value: { text: 'a' } });
  expect(await task.outcome()).toMatchObject({ type: 'task_abort_result' });
});

describe('a revert', () => {
  it('gets the input as the transforms of an asynchronous Standard Schema make it', async () => {
    const engine = await startEngine();
    const seen: unknown[] = [];
    const input = ruled(async (value) => Promise.resolve({ value: { text: (value as EchoInput).text.toUpperCase() } }));
    const service = defineService(
      { name: 'echo', description: 'd', input, output: echoSchema, revert: (source) => void seen.push(source.input) },
      (task) => {
        seen.push(structuredClone(task.input));
        task.input.text = 'changed';
        return { text: 'done' };
      },
    );
    await startApp(engine, { services: [service] });
    const { result } = await (await engine.sendTask('echo', { text: 'ordered' })).result();
    await (
      await engine.sendCompensation('echo', (result as { compensation: { data: unknown } }).compensation.data)
    ).result();
    expect(seen).toEqual([{ text: 'ORDERED' }, { text: 'ORDERED' }]);
  });

  it('gets the input as received, even if a rule changes it in place', async () => {
    const engine = await startEngine();
    const seen: unknown[] = [];
    const input = ruled((value) => {
      (value as EchoInput).text += '!';
      return { value };
    });
    const service = defineService(
      { name: 'echo', description: 'd', input, output: echoSchema, revert: (source) => void seen.push(source.input) },
      () => ({ text: 'done' }),
    );
    await startApp(engine, { services: [service] });
    const { result } = await (await engine.sendTask('echo', { text: 'ordered' })).result();
    await (
      await engine.sendCompensation('echo', (result as { compensation: { data: unknown } }).compensation.data)
    ).result();
    expect(seen).toEqual([{ text: 'ordered!' }]);
  });
});

it('100 listeners on the signals of a task and of a revert cause no warning', async () => {
  const engine = await startEngine();
  const warnings: string[] = [];
  const listen = ({ signal }: { signal: AbortSignal }): number => {
    for (let n = 0; n < 100; n++) signal.addEventListener('abort', () => undefined);
    return getEventListeners(signal, 'abort').length;
  };
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)));
  await startApp(engine, {
    services: [echo((task) => ({ text: String(listen(task)) }), { revert: (source) => void listen(source) })],
  });
  const { result } = await (await engine.sendTask('echo', { text: 'a' })).result();
  expect(result).toMatchObject({ task: { text: '100' } });
  await (
    await engine.sendCompensation('echo', (result as { compensation: { data: unknown } }).compensation.data)
  ).result();
  expect(warnings).toEqual([]);
  warn.mockRestore();
});

it('currentTask() of a second copy of this package finds the task', async () => {
  let copy: { currentTask: () => Task } | undefined;
  jest.isolateModules(() => {
    copy = jest.requireActual<{ currentTask: () => Task }>('../src');
  });
  const engine = await startEngine();
  await startApp(engine, { services: [echo((task) => ({ text: String(copy?.currentTask() === task) }))] });
  expect(await (await engine.sendTask('echo', { text: 'a' })).output()).toEqual({ text: 'true' });
});

it('X5: updates that the handler does not await are bounded, the newest are kept, and a warning counts the rest', async () => {
  const engine = await startEngine();
  engine.ackPolicy = ({ payload }) => (payload.type === 'task_interim_result' ? 'never' : 'always');
  const { log } = await startApp(engine, {
    connection: { ackTimeout: '1h' },
    services: [
      echo((task) => {
        for (let n = 1; n <= 5_000; n++) void task.pushUpdate({ n });
        return task.input;
      }),
    ],
  });
  const task = await engine.sendTask('echo', { text: 'a' });
  const connection = await engine.connected();
  await engine.until(() => task.updates.length === 256);
  engine.ackPolicy = 'always';
  for (const { id, payload } of connection.received)
    if (payload.type === 'task_interim_result') connection.acknowledge(id);
  await task.output();
  expect(task.updates).toHaveLength(1_256);
  expect(task.updates.at(-1)).toEqual({ n: 5_000 });
  expect(log.text).toMatch(/warn updates dropped.*"dropped":3744/);
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
