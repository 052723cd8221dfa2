import { OUR_CAPABILITIES } from '@orra-ts/fakes';
import { defineService, jsonSchema } from '../src';
import { closeAll, createApp, echo, echoSchema, startApp, startEngine, temporaryFolder } from './support/harness';

afterEach(closeAll);

describe('connect', () => {
  it('start resolves when every service is registered and connected, and a task completes', async () => {
    const engine = await startEngine();
    const { app } = await startApp(engine, { services: [echo(), echo(undefined, { name: 'echo-two' })] });
    expect(app.health()).toMatchObject({
      status: 'ready',
      services: [
        { name: 'echo', version: 1, state: 'connected' },
        { name: 'echo-two', version: 1, state: 'connected' },
      ],
      journal: { kind: expect.any(String) as string },
      outbox: { pending: 0 },
    });
    const task = await engine.sendTask('echo-two', { text: 'hello' });
    expect(await task.output()).toEqual({ text: 'hello' });
    expect(engine.malformed).toEqual([]);
  });

  it('a registration describes the service and its capabilities', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [echo(undefined, { timeout: '45s', kind: 'agent', revert: () => undefined })] });
    const [registration] = engine.registrations;
    expect(registration?.kind).toBe('agent');
    expect(registration?.headers['authorization']).toBe(`Bearer ${engine.apiKey}`);
    expect(registration?.body).toMatchObject({
      name: 'echo',
      description: 'Gives back what it gets',
      revertible: true,
      identity: 'name',
      capabilities: ['task-meta', 'task-cancel'],
      timeoutMs: 45_000,
      schema: { input: { type: 'object', required: ['text'] }, output: { type: 'object' } },
    });
  });

  it('boot logs what the Go engine does not support, and nothing on an engine that supports it', async () => {
    const choice = defineService(
      {
        name: 'choice',
        description: 'Takes one of two',
        input: jsonSchema<{ mode: string }>({
          type: 'object',
          properties: { mode: { type: 'string', enum: ['a', 'b'] } },
        }),
        output: echoSchema,
        timeout: '10m',
      },
      () => ({ text: '' }),
    );
    const go = await startApp(await startEngine({ capabilities: 'go' }), { services: [choice] });
    expect(go.log.text).toContain('enum');
    expect(go.log.text).toContain('"handlerTimeoutMs":600000');
    const ours = await startApp(await startEngine(), { services: [choice] });
    expect(ours.log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('the key is sent in a header if the engine supports it, else in the query', async () => {
    const ours = await startEngine();
    await startApp(ours);
    expect(ours.connections[0]?.path).not.toContain('apiKey');
    const go = await startEngine({ capabilities: 'go' });
    await startApp(go);
    expect(go.connections[0]?.path).toContain(`apiKey=${go.apiKey}`);
  });

  it('a task that the engine sends directly after the handshake is not lost', async () => {
    const engine = await startEngine();
    const early = engine
      .connection(1)
      .then((connection) => connection.send({ type: 'task_request', input: { text: 'a' } }));
    await startApp(engine);
    const { idempotencyKey } = await early;
    await engine.until(() => engine.outcomesOf(idempotencyKey)[0]);
  });

  it('start waits for an engine that is down, and logs it', async () => {
    const engine = await startEngine();
    await engine.close();
    const { app, log } = await createApp(engine);
    const started = app.start();
    while (!log.text.includes('cannot be reached')) await new Promise(setImmediate);
    expect(app.health()).toMatchObject({ status: 'starting' });
    expect(log.text).toContain(engine.url);
    await engine.listen();
    await started;
    expect(app.health().status).toBe('ready');
  });

  it('start fails after startTimeout, and the error names the missing services', async () => {
    const engine = await startEngine();
    await engine.close();
    const { app } = await createApp(engine, { startTimeout: '150ms' });
    await expect(app.start()).rejects.toMatchObject({
      code: 'ORRA_START_TIMEOUT',
      message: expect.stringMatching(/not connected: echo.*engine\.url.*ORRA_URL/) as string,
    });
    expect(app.health().status).toBe('closed');
  });

  it.each([401, 403])(
    'start fails at once for a wrong key (%i), and the error names the option and the variable',
    async (status) => {
      const engine = await startEngine();
      engine.registrationResponse = { status };
      const { app, log } = await createApp(engine);
      const error = await app.start().catch((thrown: unknown) => thrown as Error);
      expect(error).toMatchObject({ code: 'ORRA_UNAUTHORIZED' });
      expect((error as Error).message).toMatch(/engine\.apiKey.*ORRA_API_KEY/);
      expect((error as Error).message + log.text).not.toContain(engine.apiKey);
      expect(engine.registrations).toHaveLength(1);
    },
  );

  it("start fails without a retry for a refused schema, with the engine's message", async () => {
    const engine = await startEngine();
    const message = 'service validation error: schema.input.properties: INVALID(object must have properties)';
    engine.registrationResponse = { status: 500, body: { error: { kind: 'unanticipated error', message } } };
    const { app } = await createApp(engine);
    await expect(app.start()).rejects.toMatchObject({
      code: 'ORRA_REGISTRATION_REFUSED',
      message: expect.stringContaining(message) as string,
    });
    expect(engine.registrations).toHaveLength(1);
  });

  it('start fails for a URL that is not a Plan Engine, with that reason', async () => {
    const engine = await startEngine();
    engine.registrationResponse = { status: 404 };
    const { app } = await createApp(engine);
    await expect(app.start()).rejects.toMatchObject({
      code: 'ORRA_UNEXPECTED_RESPONSE',
      message: expect.stringMatching(/not a Plan Engine.*404.*ORRA_URL/) as string,
    });
  });

  it('registration with a busy engine is retried', async () => {
    const engine = await startEngine();
    engine.registrationResponse = { status: 503 };
    const { app } = await createApp(engine);
    const started = app.start();
    await engine.until(() => engine.registrations.length >= 2);
    engine.registrationResponse = undefined;
    await started;
  });

  it('an id that the engine does not know is discarded, and the service is registered again', async () => {
    const dataDir = await temporaryFolder();
    const engine = await startEngine({ capabilities: 'go' });
    await (await startApp(engine, { dataDir })).app.close();
    const [first] = engine.connections;
    engine.forget();
    await startApp(engine, { dataDir });
    expect(engine.registrations.map(({ body, status }) => [body.id, status])).toEqual([
      [undefined, 200],
      [first?.serviceId, 500],
      [undefined, 200],
    ]);
    expect(engine.connections[1]?.serviceId).not.toBe(first?.serviceId);
  });

  it('plans are registered after the services, with engines that accept them', async () => {
    const plan = { name: 'say-it', action: 'Say {text}', input: { type: 'object' }, plan: { tasks: [] } };
    const engine = await startEngine();
    const { app } = await startApp(engine, { plans: [plan] });
    expect(engine.plans).toEqual([plan]);
    expect(await app.orra.plans.list()).toMatchObject([{ name: 'say-it', version: 1 }]);
    const go = await startEngine({ capabilities: { ...OUR_CAPABILITIES, plans: false } });
    const { log } = await startApp(go, { plans: [plan] });
    expect(go.plans).toEqual([]);
    expect(log.text).toContain('does not accept plans');
  });

  it('app.orra is a client of the same engine', async () => {
    const engine = await startEngine();
    const { app } = await startApp(engine);
    expect(app.orra.url).toBe(engine.url);
    await expect(app.orra.health()).resolves.toMatchObject({ status: 'ok' });
  });

  it('an engine passed to the application starts before it and closes after it', async () => {
    const engine = await startEngine();
    const steps: string[] = [];
    const { app } = await createApp(engine, {
      engine: {
        start: () => {
          steps.push('start');
          return Promise.resolve({ url: engine.url, apiKey: engine.apiKey });
        },
        close: () => {
          steps.push(`close with ${engine.connections.filter(({ isOpen }) => isOpen).length} connections`);
          return Promise.resolve();
        },
      },
    });
    expect(() => app.orra).toThrow(expect.objectContaining({ code: 'ORRA_APP_NOT_STARTED' }));
    await app.start();
    expect(app.orra.url).toBe(engine.url);
    const [connection] = engine.connections;
    await app.close();
    await engine.until(() => !connection?.isOpen);
    expect(steps[0]).toBe('start');
    expect(steps).toHaveLength(2);
  });

  it('the response to a JSON ping is a wrapped pong, also while a handler runs', async () => {
    const engine = await startEngine();
    let entered = (): void => undefined;
    const working = new Promise<void>((resolve) => (entered = resolve));
    await startApp(engine, {
      services: [
        echo(() => {
          entered();
          return new Promise(() => undefined);
        }),
      ],
    });
    await engine.sendTask('echo', { text: 'slow' });
    await working;
    const connection = await engine.connected('echo');
    connection.ping();
    const pong = await engine.until(() => connection.received.find(({ payload }) => payload.type === 'pong'));
    expect(pong).toEqual({ id: 'pong', payload: { type: 'pong', serviceId: connection.serviceId } });
  });
});

describe('missing or invalid options are reported by create', () => {
  const environment = { ...process.env };
  beforeEach(() => {
    delete process.env['ORRA_URL'];
    delete process.env['ORRA_API_KEY'];
  });
  afterEach(() => {
    process.env = { ...environment };
  });
  const { OrraFactory } = jest.requireActual<typeof import('../src')>('../src');
  const create = (options: object) => OrraFactory.create({ services: [echo()], ...options });

  it.each([
    [{}, 'ORRA_MISSING_OPTION', /engine.*ORRA_URL.*ORRA_API_KEY.*embeddedEngine/],
    [{ engine: { url: 'http://x' } }, 'ORRA_MISSING_OPTION', /engine\.apiKey.*ORRA_API_KEY/],
    [{ engine: { url: 'x:8005', apiKey: 'k' } }, 'ORRA_INVALID_OPTION', /engine\.url.*ORRA_URL.*http/],
    [{ engine: { url: 'http://x', apiKey: 'a b' } }, 'ORRA_INVALID_OPTION', /engine\.apiKey.*ORRA_API_KEY/],
    [{ services: [], engine: { url: 'http://x', apiKey: 'k' } }, 'ORRA_BOOT_FAILED', /the list is empty/],
    [{ drainTimeout: '10 s', engine: { url: 'http://x', apiKey: 'k' } }, 'ORRA_INVALID_DURATION', /drainTimeout/],
    [{ maxMessageBytes: 5, engine: { url: 'http://x', apiKey: 'k' } }, 'ORRA_INVALID_OPTION', /maxMessageBytes/],
    [
      { journal: { kind: 'tape' }, engine: { url: 'http://x', apiKey: 'k' } },
      'ORRA_INVALID_OPTION',
      /journal\.kind.*tape/,
    ],
  ])('%j: %s', async (options, code, message) => {
    await expect(create(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it('an option has precedence over the environment variable', async () => {
    process.env['ORRA_URL'] = 'http://from-environment:1';
    process.env['ORRA_API_KEY'] = 'k';
    expect((await create({})).orra.url).toBe('http://from-environment:1');
    expect((await create({ engine: { url: 'http://from-option:2/' } })).orra.url).toBe('http://from-option:2');
  });
});

describe('instances', () => {
  it('a class with constructor parameters and no resolver is refused with a remedy', async () => {
    const { defaultResolver } = jest.requireActual<typeof import('../src/resolver/instance-resolver')>(
      '../src/resolver/instance-resolver',
    );
    class NeedsStock {
      constructor(readonly stock: unknown) {}
    }
    expect(() => defaultResolver.get(NeedsStock)).toThrow(
      expect.objectContaining({
        code: 'ORRA_MISSING_INSTANCE',
        message: expect.stringMatching(
          /NeedsStock needs 1 constructor argument.*useFactory.*useValue.*resolver/,
        ) as string,
      }),
    );
  });
});
