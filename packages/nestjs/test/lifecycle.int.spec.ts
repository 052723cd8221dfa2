import {
  Injectable,
  Module,
  type INestApplicationContext,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { deferred } from '@orra-ts/common';
import { FakePlanEngine } from '@orra-ts/fakes';
import { Handler, OrraApplication, OrraClient, OrraModule, OrraService, type Task } from '@orra-ts/nestjs';
import { OrraTestingModule } from '@orra-ts/nestjs/testing';
import { silentLogger } from '@orra-ts/sdk';
import { OrderInput, OrderOutput, runTask } from './shop';

let events: string[] = [];
let started = deferred();
let finish = deferred();
beforeEach(() => {
  events = [];
  started = deferred();
  finish = deferred();
});

@Injectable()
class Pool implements OnModuleInit, OnModuleDestroy {
  onModuleInit(): void {
    events.push('the pool opens');
  }

  onModuleDestroy(): void {
    events.push('the pool closes');
  }
}

@OrraService({ name: 'orders', description: 'Serves orders' })
class Orders implements OnModuleDestroy {
  @Handler({ input: OrderInput, output: OrderOutput })
  async serve(_: Task<OrderInput>): Promise<OrderOutput> {
    started.resolve();
    await finish.promise;
    events.push('the handler ends');
    return { seen: 'served' };
  }

  onModuleDestroy(): void {
    events.push('the service is destroyed');
  }
}

@Module({ providers: [Orders] })
class OrdersModule implements OnModuleDestroy {
  onModuleDestroy(): void {
    events.push('the module is destroyed');
  }
}

@Module({ imports: [OrdersModule, OrraTestingModule.forTest()], providers: [Pool] })
class AppModule {}

const CONTEXTS: [string, () => Promise<INestApplicationContext>][] = [
  ['an application', async () => (await NestFactory.create(AppModule, { logger: false })).init()],
  ['an application context', () => NestFactory.createApplicationContext(AppModule, { logger: false })],
];

describe.each(CONTEXTS)('closing %s', (_, create) => {
  it('ends running handlers before any provider is destroyed', async () => {
    const app = await create();
    expect(events).toEqual(['the pool opens']);
    const result = runTask(app.get(OrraClient), 'orders').then(
      () => events.push('the result arrives'),
      // The engine of the test closes with the application.
      () => undefined,
    );
    await started.promise;
    const closed = app.close();
    finish.resolve();
    await closed;
    await result;
    expect(events.filter((event) => event !== 'the result arrives').slice(0, 3)).toEqual([
      'the pool opens',
      'the handler ends',
      'the pool closes',
    ]);
    expect(app.get(OrraApplication).health()).toMatchObject({ status: 'closed', outbox: { pending: 0 } });
  });
});

describe('the start', () => {
  const moduleOf = (options: Parameters<typeof OrraModule.forRoot>[0]) => {
    @Module({
      imports: [OrraModule.forRoot({ logger: silentLogger, journal: { kind: 'memory' }, ...options })],
      providers: [Orders],
    })
    class Root {}
    return Root;
  };
  const NOWHERE = { url: 'http://127.0.0.1:9', apiKey: 'key' };
  const identity = { load: () => undefined, save: () => undefined };

  it('fails when the engine is not reached within `waitForEngine`', async () => {
    const root = moduleOf({ engine: NOWHERE, identity, waitForEngine: '50ms' });
    const app = await NestFactory.create(root, { logger: false });
    await expect(app.init()).rejects.toMatchObject({ code: 'ORRA_START_TIMEOUT', details: { startTimeoutMs: 50 } });
  });

  it('does not wait for the engine with `waitForEngine: false`, and connects in the background', async () => {
    const engine = await FakePlanEngine.start();
    const root = moduleOf({ engine: { url: engine.url, apiKey: engine.apiKey }, identity, waitForEngine: false });
    const app = await NestFactory.createApplicationContext(root, { logger: false });
    await app.get(OrraApplication).start();
    expect(app.get(OrraApplication).health().status).toBe('ready');
    await app.close();
    await engine.close();
  });

  it('does not open a socket with `connect: false`', async () => {
    const engine = await FakePlanEngine.start();
    const root = moduleOf({ engine: { url: engine.url, apiKey: engine.apiKey }, identity, connect: false });
    const app = await NestFactory.createApplicationContext(root, { logger: false });
    expect(app.get(OrraApplication).health().status).toBe('idle');
    await app.close();
    await engine.close();
  });
});
