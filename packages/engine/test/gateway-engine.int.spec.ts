/** A whole engine behind its own doors: `createEngine`, `embeddedEngine`, `orra-engine`. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { silentLogger } from '@orra-ts/common';
import { FakeServiceSocket } from '@orra-ts/fakes';
import { createEngine, embeddedEngine, type Engine } from '../src';
import { runEngineProcess } from '../src/engine-process';
import { settled } from './support/gateway-under-test';
import { pluck, type Json } from './support/json';
import { startEngine, temporaryFolder } from './support/with-engine';

const logger = silentLogger;

class Client {
  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  async ask(method: string, target: string, body?: unknown): Promise<Json> {
    const answer = await fetch(this.url + target, {
      method,
      headers: { authorization: `Bearer ${this.key}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return await answer.json();
  }

  async service(name: string, more: object = {}): Promise<string> {
    const spec = { type: 'object', properties: { message: { type: 'string' } } };
    const schema = { input: spec, output: spec };
    const { id } = await this.ask('POST', '/register/service', { name, description: `does ${name}`, schema, ...more });
    return id as string;
  }

  connect(serviceId: string): Promise<FakeServiceSocket> {
    return FakeServiceSocket.open(`${this.url.replace('http', 'ws')}/ws?serviceId=${serviceId}&apiKey=${this.key}`);
  }

  submit(tasks: object[], message = 'hello'): Promise<Json> {
    return this.ask('POST', '/orchestrations', {
      action: { type: 'order', content: 'Do it' },
      data: [{ field: 'message', value: message }],
      plan: { tasks },
    });
  }

  inspect(id: string): Promise<Json> {
    return this.ask('GET', `/orchestrations/inspections/${id}`);
  }
}

async function clientOf(engine: Engine): Promise<Client> {
  const { apiKey } = await engine.createProject({ name: 'test' });
  return new Client(engine.url, apiKey);
}

let sent = 0;
const answerTo = (request: Json, more: object): object => ({
  id: `m${++sent}`,
  payload: {
    type: 'task_result',
    taskId: request.id,
    executionId: request.executionId,
    serviceId: request.serviceId,
    idempotencyKey: request.idempotencyKey,
    error: null,
    ...more,
  },
});
const echoTask = (service: string, id = 'task1', message = '$task0.message'): object => ({
  id,
  service,
  input: { message },
});

describe('createEngine', () => {
  test('runs a task over the wire as the original does (js-echo)', async () => {
    const client = await clientOf(await startEngine());
    const serviceId = await client.service('echo');
    const socket = await client.connect(serviceId);
    const accepted = await client.submit([echoTask('echo')]);
    expect(accepted).toMatchObject({ taskZero: { message: 'hello' }, planSource: { kind: 'explicit' }, results: null });
    const [request] = await socket.next();
    expect(request).toEqual({
      type: 'task_request',
      id: 'task1',
      input: { message: 'hello' },
      executionId: expect.stringMatching(/^e_/),
      idempotencyKey: expect.stringMatching(/^[0-9a-f]{64}$/),
      serviceId,
    });
    socket.send({
      id: 'u1',
      payload: {
        ...answerTo(request, {}),
        type: 'task_interim_result',
        serviceId,
        idempotencyKey: request.idempotencyKey,
        result: { task: { progress: 50 } },
      },
    });
    socket.send(answerTo(request, { result: { task: { message: 'Echo: hello' }, compensation: null } }));
    const acks = await socket.next(2);
    expect(pluck(acks, 'type')).toEqual(['ACK', 'ACK']);
    const inspection = await client.inspect(accepted.id);
    expect(inspection).toMatchObject({ status: 'completed', results: [{ message: 'Echo: hello' }] });
    expect(pluck(inspection.tasks[0].statusHistory, 'status')).toEqual(['processing', 'completed']);
    // The update came first on the same socket: no pause between them is needed here.
    expect(inspection.tasks[0].interimResults).toHaveLength(1);
    expect((await client.ask('GET', '/orchestrations')).completed).toHaveLength(1);
  });

  test('shows what a plan took from the words of the action, and takes nothing else', async () => {
    const client = await clientOf(await startEngine());
    await client.service('echo');
    const submit = (constant: unknown): Promise<Json> =>
      client.ask('POST', '/orchestrations', {
        action: { content: 'Greet the World!' },
        data: [{ field: 'message', value: 'hello' }],
        plan: {
          tasks: [
            { id: 'task0', input: { message: 'hello', whom: constant } },
            echoTask('echo'),
            echoTask('echo', 'task2', '$task0.whom'),
          ],
        },
      });
    const accepted = await submit('world');
    const shown = { taskZero: { message: 'hello', whom: 'world' }, constants: ['whom'] };
    expect(accepted).toMatchObject(shown);
    expect(await client.inspect(accepted.id)).toMatchObject(shown);
    expect((await submit('moon')).error.message).toMatch(
      /task0\.input\.whom: string "moon" was neither submitted nor is it in the action/,
    );
  });

  test('E8: an answer or submission nested too deep to be written again fails alone', async () => {
    const failures: string[] = [];
    const engine = await startEngine({ onFailed: ({ code }) => failures.push(code), timings: { taskMaxAttempts: 1 } });
    const client = await clientOf(engine);
    const socket = await client.connect(await client.service('echo'));
    const { id } = await client.submit([echoTask('echo')]);
    const [request] = await socket.next();
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const answer = JSON.stringify(answerTo(request, { result: { task: 'DEEP' } }));
    socket.send(answer.replace('"DEEP"', deep));
    expect(pluck(await socket.next(), 'type')).toEqual(['ACK']);
    expect(await client.inspect(id)).toMatchObject({
      status: 'failed',
      error: { error: expect.stringContaining('nested more than') },
    });
    const refused = await fetch(`${engine.url}/orchestrations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.key}` },
      body: `{"action":{"content":"x"},"data":[{"field":"message","value":${deep}}]}`,
    });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('nested more than')]);
    expect(failures).toEqual([]);
    expect((await client.submit([echoTask('echo')])).status).toBe('processing');
  });

  test('E8: data nested as deep as is taken are planned, run, answered and shown', async () => {
    const client = await clientOf(await startEngine());
    const spec = { type: 'object', properties: { tree: { type: 'object', properties: { leaf: { type: 'string' } } } } };
    const socket = await client.connect(await client.service('forester', { schema: { input: spec, output: spec } }));
    let tree: object = {};
    // The body, its list of data and the field are around it.
    for (let level = 1; level < 490; level++) tree = { n: tree };
    const { id } = await client.ask('POST', '/orchestrations', {
      action: { content: 'Plant it' },
      data: [{ field: 'tree', value: tree }],
      plan: {
        tasks: [
          { id: 'task0', input: { tree } },
          { id: 'task1', service: 'forester', input: { tree: '$task0.tree' } },
        ],
      },
    });
    const [request] = await socket.next();
    expect(request.input).toEqual({ tree });
    socket.send(answerTo(request, { result: { task: { tree } } }));
    expect(pluck(await socket.next(), 'type')).toEqual(['ACK']);
    expect(await client.inspect(id)).toMatchObject({ status: 'completed', taskZero: { tree }, results: [{ tree }] });
  });

  test('E8: a task whose input is larger than any SDK takes fails at once and says so', async () => {
    const client = await clientOf(await startEngine());
    const input = { type: 'object', properties: { parts: { type: 'array', items: { type: 'string' } } } };
    const socket = await client.connect(await client.service('joiner', { schema: { input, output: input } }));
    const parts = Array.from({ length: 8 }, () => '$task0.message');
    const { id } = await client.submit([{ id: 'task1', service: 'joiner', input: { parts } }], 'x'.repeat(9_000_000));
    await settled(socket, pluck(await client.ask('GET', '/services'), 'id')[0] as string);
    expect(await client.inspect(id)).toMatchObject({
      status: 'failed',
      error: { error: expect.stringMatching(/task_request.+7200\d{4} bytes.+67108864/) },
    });
    expect(socket.closed).toBeUndefined();
  });

  test('reverts what came before an abort (abort-compensation-js)', async () => {
    const client = await clientOf(await startEngine());
    const [holder, charger] = await Promise.all([
      client.service('stock-holder', { revertible: true }).then((id) => client.connect(id)),
      client.service('card-charger').then((id) => client.connect(id)),
    ]);
    const { id } = await client.submit([echoTask('stock-holder'), echoTask('card-charger', 'task2', '$task1.message')]);
    const [hold] = await holder.next();
    const data = { originalTask: hold, taskResult: { message: 'held' } };
    holder.send(answerTo(hold, { result: { task: { message: 'held' }, compensation: { data, ttl: 3_600_000 } } }));
    await holder.next();
    const [charge] = await charger.next();
    expect(charge.input).toEqual({ message: 'held' });
    charger.send(answerTo(charge, { type: 'task_abort_result', result: { task: { reason: 'blocked' } } }));
    const [revert] = await holder.next();
    expect(revert).toMatchObject({
      type: 'compensation_request',
      id: 'task1',
      input: data,
      compensationContext: { orchestrationId: id, reason: 'aborted', payload: { reason: 'blocked' } },
    });
    holder.send(answerTo(revert, { result: { status: 'completed' } }));
    await holder.next();
    const inspection = await client.inspect(id);
    expect(inspection).toMatchObject({
      status: 'aborted',
      results: [null],
      abortInfo: { taskId: 'task2', serviceName: 'card-charger', payload: { reason: 'blocked' } },
    });
    expect(inspection.tasks[0].compensation).toMatchObject({ status: 'completed', attempt: 1, max_attempts: 10 });
    const [listed] = (await client.ask('GET', '/orchestrations')).aborted;
    expect(listed.compensation).toEqual({ active: false, total: 1, completed: 1, failed: 0 });
  });

  test('what is open when it closes goes on with the next engine on the same storage', async () => {
    const storage = temporaryFolder();
    const first = await startEngine({ storage });
    const client = await clientOf(first);
    const serviceId = await client.service('echo');
    const socket = await client.connect(serviceId);
    const { id } = await client.submit([echoTask('echo')]);
    const [before] = await socket.next();
    await first.close();
    await first.close();
    expect((await socket.untilClosed()).code).toBe(1012);

    const second = await startEngine({ storage, port: first.port });
    expect(second.url).toBe(first.url);
    expect((await client.inspect(id)).status).toBe('processing');
    const again = await client.connect(serviceId);
    // The answer to the earlier request counts, whether or not it is asked again.
    again.send(answerTo(before, { result: { task: { message: 'late' } } }));
    for (;;) {
      const [message] = await again.next();
      if (message.type === 'ACK') break;
      expect(message.idempotencyKey).toBe(before.idempotencyKey);
    }
    expect(await client.inspect(id)).toMatchObject({ status: 'completed', results: [{ message: 'late' }] });
  });

  const plan = {
    name: 'echo-plan',
    action: 'Echo {message}',
    input: { type: 'object', properties: { message: { type: 'string' } } },
    plan: { tasks: [{ id: 'task1', service: 'echo', input: { message: '$task0.message' } }] },
  };

  test('its plans are in every project, however that was made, and after a restart', async () => {
    const storage = temporaryFolder();
    const first = await startEngine({ storage });
    const { apiKey } = await first.createProject({ name: 'old' });
    await first.close();
    const engine = await startEngine({ storage, plans: [plan] });
    const registered = (await (
      await fetch(`${engine.url}/register/project`, { method: 'POST', body: '{"name":"new"}' })
    ).json()) as { apiKey: string };
    for (const key of [apiKey, registered.apiKey, (await engine.createProject({ name: 'own' })).apiKey]) {
      expect(await new Client(engine.url, key).ask('GET', '/plans')).toMatchObject([{ name: 'echo-plan', version: 1 }]);
    }
  });

  test('a project with a key of one’s own is made once; the key is no other project’s', async () => {
    const engine = await startEngine();
    const made = await engine.createProject({ name: 'shop', apiKey: 'sk-orra-mine' });
    expect(made.apiKey).toBe('sk-orra-mine');
    expect(await engine.createProject({ name: 'shop', apiKey: 'sk-orra-mine' })).toEqual(made);
    await expect(engine.createProject({ name: 'other', apiKey: 'sk-orra-mine' })).rejects.toMatchObject({
      code: 'ORRA_API_KEY_TAKEN',
    });
    expect(await new Client(engine.url, 'sk-orra-mine').ask('GET', '/orchestrations')).toEqual({});
  });

  test('a port in use is an error that says so, and leaves the storage free', async () => {
    const { port } = await startEngine();
    const storage = temporaryFolder();
    const failure = createEngine({ port, storage, logger });
    await expect(failure).rejects.toMatchObject({ code: 'ORRA_LISTEN_FAILED' });
    await expect(failure).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`);
    await startEngine({ storage });
  });

  test('an address that is not this machine’s is an error that says so', async () => {
    await expect(startEngine({ host: '192.0.2.1' })).rejects.toThrow('this machine does not have this address');
  });

  test('closed, it accepts nothing and frees its port, and makes no projects', async () => {
    const engine = await startEngine();
    await engine.close();
    await expect(fetch(`${engine.url}/health`)).rejects.toThrow();
    await expect(engine.createProject({ name: 'late' })).rejects.toMatchObject({ code: 'ORRA_ENGINE_STOPPING' });
    await startEngine({ port: engine.port });
  });

  test('the limits and periods that are set are those that it announces', async () => {
    const engine = await startEngine({ maxMessageBytes: 20_000, timings: { pingIntervalMs: 1_000 } });
    const client = await clientOf(engine);
    const spec = { type: 'object', properties: { a: { type: 'string' } } };
    const { capabilities } = await client.ask('POST', '/register/agent', {
      name: 'agent',
      description: 'x',
      schema: { input: spec, output: spec },
      capabilities: [],
    });
    expect(capabilities).toMatchObject({ maxMessageBytes: 20_000, pingIntervalMs: 1_000 });
  });
});

describe('embeddedEngine', () => {
  test('keeps its project’s key beside its storage, for its owner only, and finds the project again', async () => {
    const storage = temporaryFolder();
    const first = embeddedEngine({ storage });
    const address = await first.start({ logger });
    expect(await first.start({ logger })).toEqual(address);
    const serviceId = await new Client(address.url, address.apiKey).service('echo');
    await Promise.all([first.close(), first.close()]);

    const file = path.join(storage, 'project-keys.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ default: address.apiKey });

    const second = embeddedEngine({ storage });
    const again = await second.start({ logger });
    expect(again.apiKey).toBe(address.apiKey);
    expect(await new Client(again.url, again.apiKey).ask('GET', '/services')).toMatchObject([{ id: serviceId }]);
    await second.close();
  });

  test('keeps a key per project', async () => {
    const storage = temporaryFolder();
    const keys: string[] = [];
    for (const project of ['shop', 'garden', 'shop']) {
      const engine = embeddedEngine({ storage, project });
      keys.push((await engine.start({ logger })).apiKey);
      await engine.close();
    }
    expect(keys[2]).toBe(keys[0]);
    expect(keys[1]).not.toBe(keys[0]);
  });

  test('in memory everything is new each time', async () => {
    const keys: string[] = [];
    for (let round = 0; round < 2; round++) {
      const engine = embeddedEngine({ storage: ':memory:' });
      keys.push((await engine.start({ logger })).apiKey);
      await engine.close();
    }
    expect(keys[0]).not.toBe(keys[1]);
  });

  test('a damaged key file is an error that names it, and frees the storage', async () => {
    const storage = temporaryFolder();
    const file = path.join(storage, 'project-keys.json');
    writeFileSync(file, '{"default":');
    const engine = embeddedEngine({ storage });
    await expect(engine.start({ logger })).rejects.toThrow(file);
    writeFileSync(file, '{}');
    await engine.start({ logger });
    await engine.close();
  });

  test('closed, it cannot be started again', async () => {
    const engine = embeddedEngine({ storage: ':memory:' });
    await engine.close();
    await expect(engine.start({ logger })).rejects.toMatchObject({ code: 'ORRA_ENGINE_CLOSED' });
  });
});

describe('orra-engine', () => {
  interface Said {
    out: string;
    err: string;
    code: number | undefined;
  }

  function run(
    argv: string[],
    signalAtOnce = false,
  ): { said: Said; signal: () => void; started: Promise<void>; ended: Promise<void> } {
    const said: Said = { out: '', err: '', code: undefined };
    let signal: () => void = () => undefined;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const started = runEngineProcess([...argv, '--log-level', 'silent'], {
      env: {},
      cwd: '/nowhere',
      stdout: { write: (text) => (said.out += text) },
      stderr: { write: (text) => (said.err += text) },
      onInterrupt: (listener) => {
        signal = listener;
        if (signalAtOnce) listener();
        return () => undefined;
      },
      exit: (code) => {
        said.code = code;
        end();
      },
    });
    return { said, signal: () => signal(), started, ended };
  }

  test('prints its URL when it accepts, and ends with 0 on SIGTERM', async () => {
    const { said, signal, started, ended } = run([
      '--port',
      '0',
      '--storage',
      path.join(temporaryFolder(), 'made/if/missing'),
    ]);
    await started;
    expect(said.out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
    expect((await fetch(`${said.out.trim()}/health`)).status).toBe(200);
    signal();
    await ended;
    expect(said).toMatchObject({ err: '', code: 0 });
    await expect(fetch(`${said.out.trim()}/health`)).rejects.toThrow();
  });

  test('a SIGTERM during the start ends it with 0 as well', async () => {
    const { said, ended } = run(['--port', '0', '--storage', ':memory:'], true);
    await ended;
    expect(said).toEqual({ out: '', err: '', code: 0 });
  });

  test('a port in use ends it with 1 and says so', async () => {
    const { port } = await startEngine();
    const { said, ended } = run(['--port', String(port), '--storage', ':memory:']);
    await ended;
    expect(said.code).toBe(1);
    expect(said.err).toContain(`port ${port} on 127.0.0.1 is in use`);
  });
});
