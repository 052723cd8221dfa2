import { systemClock, type Clock } from '@orra-ts/common';
import { OUR_CAPABILITIES } from '@orra-ts/fakes';
import { closeAll, echo, gate, startApp, startEngine } from './support/harness';

afterEach(closeAll);

/** The system's clock, with a wall time that a test can set, as NTP does. */
function jumpingClock(): { readonly clock: Clock; jump(ms: number): void } {
  let offsetMs = 0;
  return {
    clock: { ...systemClock, now: () => systemClock.now() + offsetMs },
    jump: (ms) => void (offsetMs += ms),
  };
}

describe('resilience', () => {
  it('X4: a result without an ACK is sent again, wrapped, under the same key, until it is acknowledged', async () => {
    const engine = await startEngine();
    engine.ackPolicy = 'never';
    const { app } = await startApp(engine);
    const task = await engine.sendTask('echo', { text: 'a' });
    const [first, second] = await engine.until(() => {
      const outcomes = engine.outcomesOf(task.key);
      return outcomes.length >= 2 && outcomes;
    });
    expect(second).toEqual(first);
    expect(app.health().outbox.pending).toBe(1);
    engine.ackPolicy = 'always';
    await engine.until(() => engine.outcomesOf(task.key).length >= 3);
    // The ACK follows the third message; a pong after it shows that the ACK was read.
    const connection = await engine.connected();
    connection.ping();
    await engine.until(() => connection.received.some(({ payload }) => payload.type === 'pong'));
    expect(app.health().outbox.pending).toBe(0);
    expect(engine.malformed).toEqual([]);
  });

  it('X4: a late ACK stops the re-sending', async () => {
    const engine = await startEngine();
    engine.ackPolicy = 90;
    const { app } = await startApp(engine);
    const task = await engine.sendTask('echo', { text: 'a' });
    await task.output();
    while (app.health().outbox.pending > 0) await new Promise(setImmediate);
    expect(engine.outcomesOf(task.key).length).toBeLessThanOrEqual(3);
  });

  it.each([
    ['without a close frame', { clean: false, code: 1006 }],
    ['cleanly', { clean: true, code: 1001 }],
    ['with 1000', { clean: true, code: 1000 }],
    ['without a status', { clean: true, code: 1005 }],
    ['because another one replaced it', { clean: true, code: 4001 }],
  ])('L1: a connection closed %s comes back, and what ended meanwhile arrives, once', async (_, { clean, code }) => {
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
    const task = await engine.sendTask('echo', { text: 'a' });
    await entered.promise;
    const connection = await engine.connected();
    if (code === 1005) connection.drop({ clean: true, code: undefined as unknown as number });
    else connection.drop({ clean, code });
    await engine.until(() => !connection.isOpen);
    finish.open();
    expect(await task.output()).toEqual({ text: 'a' });
    expect(engine.outcomesOf(task.key)).toHaveLength(1);
    expect(runs).toBe(1);
    expect(engine.malformed).toEqual([]);
  });

  it('X4: a result whose ACK was lost with the connection is sent again after the reconnect', async () => {
    const engine = await startEngine();
    engine.ackPolicy = 'never';
    await startApp(engine, { connection: { ackTimeout: '1h' } });
    const task = await engine.sendTask('echo', { text: 'a' });
    await task.output();
    engine.dropAll();
    const second = await engine.connection(2);
    await engine.until(() => second.received.some(({ payload }) => payload.type === 'task_result'));
    expect(engine.outcomesOf(task.key)).toHaveLength(2);
  });

  it('X4: a failure is not sent again once the next attempt of its key has arrived', async () => {
    const engine = await startEngine();
    engine.ackPolicy = 'never';
    const finish = gate();
    await startApp(engine, {
      connection: { ackTimeout: '1h' },
      services: [
        echo(async (task) => {
          if (task.attempt === 1) throw new Error('first');
          await finish.promise;
          return task.input;
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'a' });
    await task.result();
    await task.sendAgain();
    const connection = await engine.connected();
    connection.ping();
    await engine.until(() => connection.received.some(({ payload }) => payload.type === 'pong'));
    engine.dropAll();
    const second = await engine.connection(2);
    finish.open();
    await engine.until(() => second.received.some(({ payload }) => payload.type === 'task_result'));
    expect(second.received.map(({ payload }) => payload)).toEqual([
      // The claim of the run, right after connecting (E12).
      expect.objectContaining({ type: 'task_status', status: 'in_progress' }) as unknown,
      expect.objectContaining({
        type: 'task_result',
        error: null,
        result: { task: { text: 'a' }, compensation: null },
      }),
    ]);
  });

  it('L1: links reconnect to a restarted engine, regardless of the length of the outage', async () => {
    const engine = await startEngine();
    const { app } = await startApp(engine, { services: [echo(), echo(undefined, { name: 'echo-two' })] });
    await engine.close();
    while (app.health().status !== 'degraded') await new Promise(setImmediate);
    await engine.listen();
    await (await engine.sendTask('echo', { text: 'a' })).output();
    await (await engine.sendTask('echo-two', { text: 'a' })).output();
    expect(engine.registrations).toHaveLength(2);
  });

  it('L1: the service and the plans are registered again with an engine that lost them', async () => {
    const plan = { name: 'say-it', action: 'Say {text}', input: { type: 'object' }, plan: { tasks: [] } };
    const engine = await startEngine();
    await startApp(engine, { plans: [plan] });
    const first = await engine.connected();
    await engine.close({ forget: true });
    await engine.listen();
    const second = await engine.connection(2);
    expect(second.serviceId).not.toBe(first.serviceId);
    await (await engine.sendTask('echo', { text: 'a' })).output();
    await engine.until(() => engine.plans.length === 2);
    expect(engine.malformed).toEqual([]);
  });

  it('L1: outcomes have the new id if the engine assigned one', async () => {
    const engine = await startEngine();
    engine.ackPolicy = 'never';
    await startApp(engine);
    const task = await engine.sendTask('echo', { text: 'a' });
    await task.output();
    await engine.close({ forget: true });
    await engine.listen();
    const second = await engine.connection(2);
    const { payload } = await engine.until(() => second.received[0]);
    expect(payload).toMatchObject({ serviceId: second.serviceId, idempotencyKey: task.key });
  });

  it('L1: a key that is revoked at run time is reported in health and log, and a restored key is used again', async () => {
    const engine = await startEngine();
    const { app, log } = await startApp(engine);
    engine.upgradeResponse = { status: 403 };
    engine.registrationResponse = { status: 403 };
    engine.dropAll();
    await engine.until(() => engine.registrations.length >= 2);
    while (app.health().services[0]?.state !== 'rejected') await new Promise(setImmediate);
    expect(app.health().status).toBe('degraded');
    expect(log.text).toMatch(/error the engine refuses a service .*ORRA_UNAUTHORIZED/);
    engine.upgradeResponse = engine.registrationResponse = undefined;
    await engine.connection(2);
  });

  it('a key function is called before every attempt', async () => {
    const engine = await startEngine();
    let asked = 0;
    await startApp(engine, {
      engine: {
        url: engine.url,
        apiKey: () => {
          asked++;
          return Promise.resolve(engine.apiKey);
        },
      },
    });
    const before = asked;
    engine.dropAll();
    await engine.connection(2);
    expect(asked).toBeGreaterThan(before);
  });

  it('L2: a half-open link without pings is replaced', async () => {
    const engine = await startEngine({ capabilities: { ...OUR_CAPABILITIES, pingIntervalMs: 40 } });
    const { log } = await startApp(engine);
    const first = await engine.connected();
    first.muted = true;
    const second = await engine.connection(2);
    expect(second).not.toBe(first);
    expect(log.text).toContain('no ping from the engine');
  });

  it.each([-3_600_000, 3_600_000])(
    'E11: a wall clock that jumps by %i ms does not delay re-sending or the replacement of a dead link',
    async (ms) => {
      const engine = await startEngine({ capabilities: { ...OUR_CAPABILITIES, pingIntervalMs: 40 } });
      engine.ackPolicy = 'never';
      const { clock, jump } = jumpingClock();
      await startApp(engine, { clock });
      const task = await engine.sendTask('echo', { text: 'a' });
      await task.output();
      jump(ms);
      await engine.until(() => engine.outcomesOf(task.key).length > 1);
      (await engine.connected()).muted = true;
      await engine.connection(engine.connections.length + 1);
    },
  );

  it('L2: a link with pings is kept', async () => {
    const engine = await startEngine({ capabilities: { ...OUR_CAPABILITIES, pingIntervalMs: 60 } });
    await startApp(engine);
    const connection = await engine.connected();
    const pongs = (): number => connection.received.filter(({ payload }) => payload.type === 'pong').length;
    for (let sent = 1; sent <= 8; sent++) {
      connection.ping();
      await engine.until(() => pongs() === sent);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(engine.connections).toHaveLength(1);
  });

  it('queued updates arrive in order, before their outcome', async () => {
    const engine = await startEngine();
    const entered = gate();
    const offline = gate();
    await startApp(engine, {
      services: [
        echo(async (task) => {
          entered.open();
          await offline.promise;
          for (let progress = 0; progress < 5; progress++) await task.pushUpdate({ progress });
          return task.input;
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'a' });
    await entered.promise;
    const connection = await engine.connected();
    connection.drop();
    await engine.until(() => !connection.isOpen);
    offline.open();
    await task.output();
    expect(task.updates).toEqual([0, 1, 2, 3, 4].map((progress) => ({ progress })));
  });
});
