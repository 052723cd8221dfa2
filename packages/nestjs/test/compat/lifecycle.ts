import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { embeddedEngine } from '@orra-ts/engine';
import { Handler, OrraApplication, OrraClient, OrraService, type Task } from '@orra-ts/nestjs';
import { OrraTestingModule } from '@orra-ts/nestjs/testing';
import { Order, Orders, behaviour, completes, runTask, withShop } from './harness';

const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent, isEnabled: () => false };

behaviour('Lifecycle hooks: connected last, drained first', async () => {
  const events: string[] = [];
  const note = (event: string) => void events.push(event);
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));

  @Injectable()
  class Pool {
    constructor(@Inject(OrraApplication) private readonly orra: OrraApplication) {}
    onModuleInit = () => note(`the pool opens, ${this.orra.health().services.length} services`);
    onApplicationBootstrap = () => note(`bootstrap, ${this.orra.health().status}`);
    onModuleDestroy = () => note(`the pool closes, ${this.orra.health().status}`);
  }
  @OrraService({ name: 'slow', description: 'Takes a moment' })
  class Slow {
    @Handler({ input: Order, output: Order })
    async serve({ input }: Task<Order>): Promise<Order> {
      begin();
      await new Promise((resolve) => setTimeout(resolve, 100));
      note('the handler ends');
      return input;
    }
    onModuleDestroy = () => note('the service is destroyed');
  }
  @Module({ providers: [Slow] })
  class SlowModule {}
  @Module({ imports: [SlowModule, OrraTestingModule.forTest()], providers: [Pool] })
  class Root {}

  const app = await NestFactory.create(Root, { logger: false });
  await app.init();
  // The engine of the test closes with the application, so that its result may not arrive.
  const result = runTask(app.get(OrraClient), 'slow').catch(() => undefined);
  await begun;
  await app.close();
  await result;
  assert.deepEqual(events, [
    'the pool opens, 0 services',
    'bootstrap, idle',
    'the handler ends',
    'the pool closes, closed',
    'the service is destroyed',
  ]);
});

/** Ends the application of shutdown-child.cjs while its handler runs. */
async function endsAfterHandler(setup: { closes?: boolean; useProcessExit?: boolean }, exit: unknown): Promise<void> {
  const engine = embeddedEngine({ storage: ':memory:' });
  const { url, apiKey } = await engine.start({ logger: silent });
  const file = path.join(__dirname, 'shutdown-child.cjs');
  const child = spawn(process.execPath, [file, JSON.stringify({ url, apiKey, ...setup })], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  try {
    let output = '';
    child.stdout?.on('data', (data: Buffer) => (output += data.toString()));
    const ended = once(child, 'close');
    await Promise.race([once(child, 'message'), ended]);
    const begun = once(child, 'message');
    const client = new OrraClient({ url, apiKey });
    const orchestration = await client
      .action('serve')
      .plan({ tasks: [{ id: 'task1', service: 'orders', input: { seen: 'nothing' } }] })
      .submit();
    await Promise.race([begun, ended]);
    if (!setup.closes) child.kill('SIGTERM');
    const [code, signal] = (await ended) as [number | null, string | null];
    assert.deepEqual({ code, signal }, exit);
    assert.deepEqual(output.split('\n').slice(0, 2), [
      'the handler ends, the pool is open',
      'the pool closes, 0 outcomes are not acknowledged',
    ]);
    assert.equal((await orchestration.result()).status, 'completed');
  } finally {
    child.kill('SIGKILL');
    await engine.close();
  }
}

behaviour('enableShutdownHooks', () => endsAfterHandler({}, { code: null, signal: 'SIGTERM' }));

behaviour('useProcessExit of enableShutdownHooks', () =>
  endsAfterHandler({ useProcessExit: true }, { code: 0, signal: null }),
);

behaviour('app.close()', () => endsAfterHandler({ closes: true }, { code: 0, signal: null }));

behaviour('Standalone applications', async () => {
  @Module({ imports: [OrraTestingModule.forTest()], providers: [Orders] })
  class Root {}
  const app = await NestFactory.createApplicationContext(Root, { logger: false });
  try {
    await completes(runTask(app.get(OrraClient), 'orders'), 'tea');
  } finally {
    await app.close();
  }
});

behaviour('Testing module without an engine', () =>
  withShop(
    [Orders],
    async ({ app, services }) => {
      assert.deepEqual(services, ['orders']);
      assert.equal(app.get(OrraApplication).health().status, 'idle');
      return Promise.resolve();
    },
    { orra: { connect: false } },
  ),
);
