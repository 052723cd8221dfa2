import {
  Inject,
  Injectable,
  Scope,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type OnModuleDestroy,
} from '@nestjs/common';
import {
  APP_GUARD,
  ContextIdFactory,
  REQUEST,
  type ContextId,
  type ContextIdStrategy,
  type HostComponentInfo,
} from '@nestjs/core';
import { Handler, OrraService, isOrraTask, type RevertSource, type Task } from '@orra-ts/nestjs';
import { Handler as SdkHandler, OrraService as SdkService } from '@orra-ts/sdk';
import { OrderInput, OrderOutput, closeShops, shop } from './shop';

afterEach(closeShops);

let made = 0;
beforeEach(() => (made = 0));

@Injectable({ scope: Scope.REQUEST })
class Tenant {
  readonly number = ++made;

  constructor(@Inject(REQUEST) private readonly request: Task) {}

  get name(): string {
    return `${isOrraTask(this.request) ? this.request.metadata['tenant'] : 'unknown'} ${this.number}`;
  }
}

describe('a request-scoped dependency', () => {
  @OrraService({ name: 'orders', description: 'Serves orders' })
  @Injectable()
  class Orders {
    constructor(@Inject(Tenant) private readonly tenant: Tenant) {}

    @Handler({ input: OrderInput, output: OrderOutput })
    async serve(_: Task<OrderInput>): Promise<OrderOutput> {
      return Promise.resolve({ seen: this.tenant.name });
    }
  }

  it.each([
    ['a class', Orders],
    [
      'a factory',
      { provide: Orders, scope: Scope.REQUEST, useFactory: (tenant: Tenant) => new Orders(tenant), inject: [Tenant] },
    ],
    ['a class under another token', { provide: 'ORDERS', useClass: Orders }],
  ])('is made for each task of a service that is %s, with the task as REQUEST', async (_, provider) => {
    const { run } = await shop([provider, Tenant]);
    expect(await run('orders', { metadata: { tenant: 'north' } })).toMatchObject({ output: { seen: 'north 1' } });
    expect(await run('orders', { metadata: { tenant: 'south' } })).toMatchObject({ output: { seen: 'south 2' } });
  });
});

describe('a request-scoped guard', () => {
  @Injectable({ scope: Scope.REQUEST })
  class TenantGuard implements CanActivate {
    constructor(@Inject(REQUEST) private readonly request: Task | undefined) {}

    canActivate(_: ExecutionContext): boolean {
      return this.request?.metadata['tenant'] === 'north';
    }
  }

  it('of a method gets the task', async () => {
    @OrraService({ name: 'orders', description: 'Serves orders' })
    class Orders {
      @Handler({ input: OrderInput, output: OrderOutput })
      @UseGuards(TenantGuard)
      async serve(_: Task<OrderInput>): Promise<OrderOutput> {
        return Promise.resolve({ seen: 'served' });
      }
    }
    const { run } = await shop([Orders]);
    expect(await run('orders', { metadata: { tenant: 'north' } })).toMatchObject({ status: 'completed' });
    expect(await run('orders', { metadata: { tenant: 'south' } })).toMatchObject({ status: 'failed' });
  });

  it('that is global gets the task', async () => {
    @OrraService({ name: 'orders', description: 'Serves orders' })
    class Orders {
      @Handler({ input: OrderInput, output: OrderOutput })
      async serve(_: Task<OrderInput>): Promise<OrderOutput> {
        return Promise.resolve({ seen: 'served' });
      }
    }
    const { run } = await shop([Orders, { provide: APP_GUARD, useClass: TenantGuard }]);
    expect(await run('orders', { metadata: { tenant: 'north' } })).toMatchObject({ status: 'completed' });
    expect(await run('orders', { metadata: { tenant: 'south' } })).toMatchObject({ status: 'failed' });
  });

  it('that is global is a problem where Nest would skip it', async () => {
    @SdkService({ name: 'orders', description: 'Serves orders' })
    class Orders {
      @SdkHandler({ input: OrderInput, output: OrderOutput })
      async serve(_: Task<OrderInput>): Promise<OrderOutput> {
        return Promise.resolve({ seen: 'served' });
      }
    }
    await expect(shop([Orders, { provide: APP_GUARD, useClass: TenantGuard }])).rejects.toThrow(
      /Orders \(enhancers\): the global TenantGuard is request-scoped.*\n.*@orra-ts\/nestjs instead of @orra-ts\/sdk/,
    );
  });

  it('of a provider whose enhancers Nest does not create is a problem', async () => {
    @OrraService({ name: 'orders', description: 'Serves orders' })
    @UseGuards(TenantGuard)
    class Orders {
      @Handler({ input: OrderInput, output: OrderOutput })
      async serve(_: Task<OrderInput>): Promise<OrderOutput> {
        return Promise.resolve({ seen: 'served' });
      }
    }
    await expect(shop([{ provide: Orders, useFactory: () => new Orders() }, TenantGuard])).rejects.toThrow(
      /Orders.serve \(guard\): TenantGuard cannot be created for the provider Orders/,
    );
  });
});

describe('durable providers', () => {
  class ByTenant implements ContextIdStrategy<Task> {
    private readonly tenants = new Map<string, ContextId>();

    attach(contextId: ContextId, request: Task | RevertSource) {
      const tenant = isOrraTask(request) && 'metadata' in request ? (request.metadata['tenant'] ?? '') : '';
      let id = this.tenants.get(tenant);
      if (!id) this.tenants.set(tenant, (id = ContextIdFactory.create()));
      return {
        resolve: ({ isTreeDurable }: HostComponentInfo) => (isTreeDurable ? id : contextId),
        payload: { tenant },
      };
    }
  }
  let destroyed = 0;

  @OrraService({ name: 'orders', description: 'Serves orders' })
  @Injectable({ scope: Scope.REQUEST, durable: true })
  class Orders implements OnModuleDestroy {
    readonly number = ++made;

    constructor(@Inject(REQUEST) private readonly request: { tenant: string }) {}

    @Handler({ input: OrderInput, output: OrderOutput })
    async serve(_: Task<OrderInput>): Promise<OrderOutput> {
      return Promise.resolve({ seen: `${this.request.tenant} ${this.number}` });
    }

    onModuleDestroy(): void {
      destroyed++;
    }
  }

  it('live per tenant, by the strategy of the application, and are not released after a task', async () => {
    ContextIdFactory.apply(new ByTenant());
    try {
      const { run } = await shop([Orders]);
      const seen: unknown[] = [];
      for (const tenant of ['north', 'south', 'north']) {
        const { output } = (await run('orders', { metadata: { tenant } })) as { output: OrderOutput };
        seen.push(output.seen);
      }
      expect(seen).toEqual(['north 1', 'south 2', 'north 1']);
      expect(destroyed).toBe(0);
    } finally {
      ContextIdFactory.apply(undefined as never);
    }
  });
});

it('a transient service has one instance of its own', async () => {
  @OrraService({ name: 'orders', description: 'Serves orders' })
  @Injectable({ scope: Scope.TRANSIENT })
  class Orders {
    readonly number = ++made;

    @Handler({ input: OrderInput, output: OrderOutput })
    async serve(_: Task<OrderInput>): Promise<OrderOutput> {
      return Promise.resolve({ seen: String(this.number) });
    }
  }
  const { run } = await shop([Orders]);
  const first = await run('orders');
  expect(await run('orders')).toMatchObject({ output: (first as { output: unknown }).output });
});
