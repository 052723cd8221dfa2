/** Handlers and reverts that never settle. */
import { ManualClock } from '@orra-ts/common/testing';
import { defineService, Handler, OrraService, type OrraApplication, type ServiceSource, type Task } from '../src';
import { closeAll, echo, echoSchema, gate, ruled, startApp, startEngine, type EchoInput } from './support/harness';

afterEach(closeAll);

const HANG = (): Promise<never> => new Promise(() => undefined);

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

  it('a resolver with an instance per task that never settles: the slot is free, and a late instance is released', async () => {
    @OrraService({ name: 'stock', description: 'Holds stock' })
    class Stock {
      @Handler({ input: echoSchema, output: echoSchema, timeout: '5s', concurrency: 1 })
      reserve(task: Task<EchoInput>): EchoInput {
        return task.input;
      }
    }
    const provided = gate<Stock>();
    const released: object[] = [];
    const resolver = {
      scope: () => 'task' as const,
      get: (_: unknown, context?: { task?: { input: unknown } }) =>
        (context?.task?.input as EchoInput).text === 'late' ? provided.promise : new Stock(),
      release: (instance: object) => void released.push(instance),
    };
    const { engine, clock, app, warnings } = await start([Stock], { resolver });
    const late = await engine.sendTask('stock', { text: 'late' });
    const next = await engine.sendTask('stock', { text: 'next' });
    await next.sendAgain();
    await next.status();
    await clock.advance(10_000);
    expect(await next.output()).toEqual({ text: 'next' });
    expect(warnings()).toMatchObject([{ idempotencyKey: late.key }]);
    expect(app.health().services[0]?.overdue).toMatchObject({ count: 1, oldest: [{ idempotencyKey: late.key }] });
    const instance = new Stock();
    provided.open(instance);
    expect(await late.output()).toEqual({ text: 'late' });
    expect(released.at(-1)).toBe(instance);
    expect(app.health().services[0]?.overdue.count).toBe(0);
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
