import { silentLogger } from '@orra-ts/common';
import { closeAll, createApp, echo, gate, startApp, startEngine } from './support/harness';
import { installShutdownHooks } from '../src/runtime/shutdown-hooks';

afterEach(closeAll);

describe('shutdown', () => {
  it('L3: close waits for running handlers, and their outcomes are acknowledged before the connection closes', async () => {
    const engine = await startEngine();
    const entered = gate();
    const finish = gate();
    const { app } = await startApp(engine, {
      services: [
        echo(async (task) => {
          entered.open();
          await finish.promise;
          return task.input;
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'a' });
    await entered.promise;
    const connection = await engine.connected();
    const closing = app.close();
    expect(app.health().status).toBe('draining');
    finish.open();
    await closing;
    expect(await task.output()).toEqual({ text: 'a' });
    await engine.until(() => !connection.isOpen);
    expect(connection.closeCode).toBe(1000);
    expect(app.health()).toMatchObject({ status: 'closed', outbox: { pending: 0 } });
  });

  it('L3: tasks in flight when the drain begins are still executed', async () => {
    const engine = await startEngine();
    const { app } = await startApp(engine);
    const tasks = await Promise.all(Array.from({ length: 50 }, (_, n) => engine.sendTask('echo', { text: `${n}` })));
    await app.close();
    for (const task of tasks) expect(engine.outcomesOf(task.key)).toHaveLength(1);
  });

  it('L3: at the end of the grace period the signal is aborted, and a later result of the handler still counts', async () => {
    const engine = await startEngine();
    const entered = gate();
    const { app } = await startApp(engine, {
      services: [
        echo(async ({ signal }) => {
          entered.open();
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          return { text: (signal.reason as Error).message };
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'a' });
    await entered.promise;
    await app.close({ grace: 20 });
    expect(await task.output()).toEqual({ text: 'the application is closing' });
  });

  it('L3: a handler that is stopped does not report a failure, which would use up an attempt', async () => {
    const engine = await startEngine();
    const entered = gate();
    const { app } = await startApp(engine, {
      services: [
        echo(async ({ signal }) => {
          entered.open();
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'a' });
    await entered.promise;
    await app.close({ grace: 0 });
    expect(engine.outcomesOf(task.key)).toEqual([]);
  });

  it('L3: a handler that ignores its signal does not prevent the close', async () => {
    const engine = await startEngine();
    const entered = gate();
    const { app } = await startApp(engine, {
      services: [
        echo(() => {
          entered.open();
          return new Promise(() => undefined);
        }),
      ],
    });
    await engine.sendTask('echo', { text: 'a' });
    await entered.promise;
    await app.close({ grace: 0 });
    expect(app.health().status).toBe('closed');
  });

  it('L3: an unacknowledged outcome does not prevent the close, and is logged', async () => {
    const engine = await startEngine();
    engine.ackPolicy = 'never';
    const { app, log } = await startApp(engine);
    await (await engine.sendTask('echo', { text: 'a' })).output();
    await app.close({ grace: 10 });
    expect(log.text).toContain('not all outcomes were acknowledged');
  });

  it('close is idempotent, and start after it is refused', async () => {
    const engine = await startEngine();
    const { app } = await startApp(engine);
    const first = app.close();
    expect(app.close()).toBe(first);
    await first;
    const other = await createApp(engine);
    await other.app.close();
    await expect(other.app.start()).rejects.toMatchObject({ code: 'ORRA_APP_CLOSED' });
  });

  it('close during start rejects start and leaves nothing open', async () => {
    const engine = await startEngine();
    await engine.close();
    const { app, log } = await createApp(engine);
    const started = app.start();
    const outcome = started.catch((error: unknown) => error);
    while (!log.text.includes('cannot be reached')) await new Promise(setImmediate);
    await app.close();
    expect(await outcome).toMatchObject({ code: 'ORRA_APP_CLOSED' });
    expect(app.health().status).toBe('closed');
  });

  it('instances are released to the resolver', async () => {
    const engine = await startEngine();
    const { OrraService, Handler } = jest.requireActual<typeof import('../src')>('../src');
    const { echoSchema } = jest.requireActual<typeof import('./support/harness')>('./support/harness');
    @OrraService({ name: 'stock', description: 'Holds stock' })
    class Stock {
      @Handler({ input: echoSchema, output: echoSchema })
      hold(): { text: string } {
        return { text: 'a' };
      }
    }
    const released: object[] = [];
    const { app } = await startApp(engine, {
      services: [Stock],
      resolver: { get: () => new Stock(), release: (instance) => void released.push(instance) },
    });
    await app.close();
    expect(released).toEqual([expect.any(Stock)]);
  });

  it('shutdown hooks close on SIGTERM and are removed by close', async () => {
    const before = process.listenerCount('SIGTERM');
    let closed = 0;
    const otherListener = (): void => undefined;
    process.on('SIGTERM', otherListener);
    const uninstall = installShutdownHooks({
      close: () => {
        closed++;
        return Promise.resolve();
      },
      endsProcess: () => undefined,
      logger: silentLogger,
    });
    // With another listener, the hook only closes the application.
    process.emit('SIGTERM', 'SIGTERM');
    expect(closed).toBe(1);
    uninstall();
    process.removeListener('SIGTERM', otherListener);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('SIGTERM during start ends the process with code 0, and start does not reject before', async () => {
    const engine = await startEngine();
    await engine.close();
    const { app, log } = await createApp(engine, { shutdownHooks: true });
    const listeners = process.listeners('SIGTERM');
    process.removeAllListeners('SIGTERM');
    const exited = gate<unknown>();
    const exit = jest.spyOn(process, 'exit').mockImplementation((code) => exited.open(code) as never);
    try {
      let settled = false;
      void app.start().then(
        () => (settled = true),
        () => (settled = true),
      );
      while (!log.text.includes('cannot be reached')) await new Promise(setImmediate);
      process.emit('SIGTERM', 'SIGTERM');
      expect(await exited.promise).toBeUndefined();
      await new Promise(setImmediate);
      expect(settled).toBe(false);
      expect(app.health().status).toBe('closed');
      expect(process.listenerCount('SIGTERM')).toBe(0);
    } finally {
      exit.mockRestore();
      for (const listener of listeners) process.on('SIGTERM', listener);
    }
  });
});
