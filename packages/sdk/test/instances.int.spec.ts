/** Instances of service classes: where they come from, and which methods they must have. */
import { ManualClock } from '@orra-ts/common/testing';
import { Handler, OrraService, RevertHandler, type RevertSource, type ServiceSource, type Task } from '../src';
import { closeAll, createApp, echoSchema, gate, startApp, startEngine, type EchoInput } from './support/harness';

afterEach(closeAll);

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

  it('a resolver that does not settle is named in the log and in health(), and does not block close()', async () => {
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
