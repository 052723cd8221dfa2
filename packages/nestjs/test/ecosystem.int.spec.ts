import { Writable } from 'node:stream';
import { Controller, Get, Inject, Injectable, Module, type INestApplication } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { ClsService } from 'nestjs-cls';
import { Logger as PinoLogger, LoggerModule } from 'nestjs-pino';
import { FakePlanEngine } from '@orra-ts/fakes';
import { Handler, OrraApplication, OrraModule, OrraService, nestLogger, type Task } from '@orra-ts/nestjs';
import { OrraHealthIndicator } from '@orra-ts/nestjs/terminus';
import { StoreModule } from './cls';
import { OrderInput, OrderOutput, closeShops, shop } from './shop';

afterEach(closeShops);

@OrraService({ name: 'orders', description: 'Serves orders' })
class Orders {
  @Handler({ input: OrderInput, output: OrderOutput })
  async serve({ input }: Task<OrderInput>): Promise<OrderOutput> {
    return Promise.resolve({ seen: input.sku });
  }
}

it('forRootAsync reads its options from ConfigService', async () => {
  const engine = await FakePlanEngine.start();
  @Module({
    imports: [
      ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ orra: { url: engine.url, key: engine.apiKey } })] }),
      OrraModule.forRootAsync({
        imports: [ConfigModule],
        inject: [ConfigService],
        useFactory: (config: ConfigService) => ({
          engine: { url: config.getOrThrow<string>('orra.url'), apiKey: config.getOrThrow<string>('orra.key') },
          journal: { kind: 'memory' },
          identity: { load: () => undefined, save: () => undefined },
        }),
      }),
    ],
    providers: [Orders],
  })
  class Root {}
  const app = await NestFactory.createApplicationContext(Root, { logger: false });
  expect(app.get(OrraApplication).health().status).toBe('ready');
  await app.close();
  await engine.close();
});

it('nestjs-cls gives each task a store of its own', async () => {
  @Injectable()
  class Audit {
    constructor(@Inject(ClsService) private readonly cls: ClsService) {}

    get tenant(): string {
      return this.cls.get<string>('tenant');
    }
  }
  @OrraService({ name: 'tenants', description: 'Reads the tenant' })
  @Injectable()
  class Tenants {
    constructor(@Inject(Audit) private readonly audit: Audit) {}

    @Handler({ input: OrderInput, output: OrderOutput })
    async read(_: Task<OrderInput>): Promise<OrderOutput> {
      await new Promise((resolve) => setImmediate(resolve));
      return { seen: this.audit.tenant };
    }
  }
  const { run } = await shop([Audit, Tenants], {
    imports: [StoreModule],
  });
  const [north, south] = await Promise.all([
    run('tenants', { metadata: { tenant: 'north' } }),
    run('tenants', { metadata: { tenant: 'south' } }),
  ]);
  expect([north, south]).toMatchObject([{ output: { seen: 'north' } }, { output: { seen: 'south' } }]);
});

it('nestjs-pino writes one component, the message and the fields of each line', async () => {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const app: INestApplication = (
    await shop([Orders], {
      imports: [LoggerModule.forRoot({ pinoHttp: [{}, stream] })],
      configure: (created) => created.useLogger(created.get(PinoLogger)),
      orra: { logger: nestLogger() },
    })
  ).app;
  expect(lines).toContainEqual(
    expect.objectContaining({ context: 'Orra', component: 'sdk', msg: 'all services are connected', services: 1 }),
  );
  await app.close();
});

it('terminus reports the application', async () => {
  @Controller('health')
  class HealthController {
    constructor(
      @Inject(HealthCheckService) private readonly health: HealthCheckService,
      @Inject(OrraHealthIndicator) private readonly orra: OrraHealthIndicator,
    ) {}

    @Get()
    @HealthCheck()
    check() {
      return this.health.check([() => this.orra.isHealthy('orra')]);
    }
  }
  const { app } = await shop([Orders, OrraHealthIndicator], {
    imports: [TerminusModule.forRoot({ logger: false })],
    controllers: [HealthController],
  });
  await app.listen(0, '127.0.0.1');
  const health = async (): Promise<unknown> => (await fetch(`${await app.getUrl()}/health`)).json();
  expect(await health()).toMatchObject({ status: 'ok', info: { orra: { status: 'up', application: 'ready' } } });
  await app.get(OrraApplication).close();
  expect(await health()).toMatchObject({
    status: 'error',
    error: { orra: { status: 'down', disconnected: ['orders'] } },
  });
});
