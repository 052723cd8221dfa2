import 'reflect-metadata';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '@orra-ts/common';
import {
  Handler,
  OrraFactory,
  OrraService,
  RevertHandler,
  type RevertSource,
  type Task,
  jsonSchema,
  type OrraApplication,
} from '@orra-ts/sdk';
import { EngineProcess } from './engine-process';

interface Value {
  readonly value: string;
}
const value = jsonSchema<Value>({
  type: 'object',
  properties: { value: { type: 'string' } },
  required: ['value'],
});

/** Counts handler runs by key, and can pause a handler. */
class Runs extends EventEmitter {
  readonly byKey = new Map<string, number>();
  readonly reverted: string[] = [];
  private gate: Promise<void> | undefined;

  hold(): () => void {
    let open!: () => void;
    this.gate = new Promise((resolve) => (open = resolve));
    return open;
  }

  async run(name: string, task: Task<Value>): Promise<Value> {
    this.byKey.set(task.idempotencyKey, (this.byKey.get(task.idempotencyKey) ?? 0) + 1);
    this.emit(name);
    if (name === 'second') await this.gate;
    return { value: `${task.input.value}, ${name}` };
  }

  get most(): number {
    return Math.max(0, ...this.byKey.values());
  }
}

@OrraService({ name: 'first', description: 'First step' })
class First {
  constructor(readonly runs: Runs) {}

  @Handler({ input: value, output: value })
  run(task: Task<Value>): Promise<Value> {
    return this.runs.run('first', task);
  }

  @RevertHandler('run')
  revert({ output }: RevertSource<Value, Value>): void {
    this.runs.reverted.push(output.value);
  }
}

@OrraService({ name: 'second', description: 'Second step' })
class Second {
  constructor(readonly runs: Runs) {}

  @Handler({ input: value, output: value })
  async run(task: Task<Value>): Promise<Value> {
    const result = await this.runs.run('second', task);
    return task.input.value.startsWith('bad') ? task.abort({ reason: 'BAD' }) : result;
  }
}

@OrraService({ name: 'third', description: 'Third step' })
class Third {
  constructor(readonly runs: Runs) {}

  @Handler({ input: value, output: value })
  run(task: Task<Value>): Promise<Value> {
    return this.runs.run('third', task);
  }
}

const plan = {
  tasks: ['first', 'second', 'third'].map((service, index) => ({
    id: `task${index + 1}`,
    service,
    input: { value: `$task${index}.value` },
  })),
};

let engine: EngineProcess;
let app: OrraApplication;
let dataDir: string;
const runs = { current: new Runs() };

beforeEach(async () => {
  runs.current = new Runs();
  engine = await EngineProcess.start();
  dataDir = mkdtempSync(path.join(tmpdir(), 'orra-app-'));
  app = await OrraFactory.create({
    services: [First, Second, Third].map((cls) => ({ class: cls, useValue: new cls(runs.current) })),
    engine: { url: engine.url, apiKey: await engine.newProject() },
    dataDir,
    logger: silentLogger,
    connection: { reconnectBase: '20ms', reconnectCap: '200ms', ackTimeout: '500ms' },
  });
  await app.start();
});

afterEach(async () => {
  await app.close();
  await engine.remove();
  rmSync(dataDir, { recursive: true, force: true });
});

it('an order survives kill -9 of the engine, and no handler runs twice for one key', async () => {
  const proceed = runs.current.hold();
  const reached = once(runs.current, 'second');
  const order = await app.orra.action('Three steps').with({ value: 'order' }).plan(plan).submit();
  await reached;
  await engine.kill();
  // The result is ready while the engine is down.
  proceed();
  await engine.run();
  const result = await order.result({ timeout: '20s' });
  expect(result).toMatchObject({ status: 'completed', output: { value: 'order, first, second, third' } });
  expect(runs.current.byKey.size).toBe(3);
  expect(runs.current.most).toBe(1);
});

it('an abort while the engine is down is compensated once, after the restart', async () => {
  const proceed = runs.current.hold();
  const reached = once(runs.current, 'second');
  const order = await app.orra.action('Three steps').with({ value: 'bad order' }).plan(plan).submit();
  await reached;
  await engine.kill();
  proceed();
  await engine.run();
  expect(await order.result({ timeout: '20s' })).toMatchObject({ status: 'aborted', payload: { reason: 'BAD' } });
  let compensation: string | undefined;
  while (compensation !== 'completed') compensation = (await order.inspect()).tasks?.[0]?.compensation?.status;
  expect(runs.current.reverted).toEqual(['bad order, first']);
  expect(runs.current.most).toBe(1);
});

it('work acknowledged before kill -9 is never requested again, regardless of the moment', async () => {
  const results: Promise<unknown>[] = [];
  for (let round = 0; round < 4; round++) {
    for (let n = 0; n < 25; n++) {
      const order = await app.orra
        .action('Three steps')
        .with({ value: `order ${round}.${n}` })
        .plan(plan)
        .submit();
      results.push(order.result({ timeout: '60s' }));
    }
    await engine.kill();
    await engine.run();
  }
  const statuses = await Promise.all(results);
  expect(statuses.filter((result) => (result as { status: string }).status === 'completed')).toHaveLength(100);
  expect(runs.current.byKey.size).toBe(300);
  expect(runs.current.most).toBe(1);
}, 90_000);

it('SIGTERM ends the engine with code 0, and the next process continues', async () => {
  const proceed = runs.current.hold();
  const reached = once(runs.current, 'second');
  const order = await app.orra.action('Three steps').with({ value: 'order' }).plan(plan).submit();
  await reached;
  expect(await engine.close()).toBe(0);
  proceed();
  await engine.run();
  expect(await order.result({ timeout: '20s' })).toMatchObject({ status: 'completed' });
  expect(runs.current.most).toBe(1);
});
