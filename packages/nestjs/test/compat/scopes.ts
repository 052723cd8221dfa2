import assert from 'node:assert/strict';
import { Inject, Injectable, Scope, type CanActivate } from '@nestjs/common';
import { APP_GUARD, ContextIdFactory, REQUEST, type ContextId, type HostComponentInfo } from '@nestjs/core';
import { Handler, OrraService, isOrraTask, type Task } from '@orra-ts/nestjs';
import { Order, Orders, behaviour, completes, fails, withShop } from './harness';

let made = 0;

behaviour('Request-scoped providers', async () => {
  made = 0;
  @Injectable({ scope: Scope.REQUEST })
  class Tenant {
    readonly number = ++made;
    constructor(@Inject(REQUEST) private readonly task: Task) {}
    get label(): string {
      return `${this.task.metadata['tenant']} ${this.number}`;
    }
  }
  @OrraService({ name: 'tenants', description: 'Reads the tenant' })
  @Injectable()
  class Tenants {
    constructor(@Inject(Tenant) private readonly tenant: Tenant) {}
    @Handler({ input: Order, output: Order })
    serve(_: Task<Order>): Order {
      return { sku: this.tenant.label };
    }
  }
  await withShop([Tenants, Tenant], async ({ run }) => {
    await completes(run('tenants', { metadata: { tenant: 'north' } }), 'north 1');
    await completes(run('tenants', { metadata: { tenant: 'south' } }), 'south 2');
  });
});

behaviour('Request-scoped global guards', async () => {
  @Injectable({ scope: Scope.REQUEST })
  class TenantGuard implements CanActivate {
    constructor(@Inject(REQUEST) private readonly task: Task | undefined) {}
    canActivate = (): boolean => this.task?.metadata['tenant'] === 'north';
  }
  await withShop([Orders, { provide: APP_GUARD, useClass: TenantGuard }], async ({ run }) => {
    await completes(run('orders', { metadata: { tenant: 'north' } }), 'tea');
    await fails(run('orders', { metadata: { tenant: 'south' } }), 'Forbidden resource');
  });
});

behaviour('Durable providers', async () => {
  made = 0;
  const tenants = new Map<string, ContextId>();
  ContextIdFactory.apply({
    attach(contextId: ContextId, request: unknown) {
      const tenant = isOrraTask(request) && 'metadata' in request ? (request.metadata['tenant'] ?? '') : '';
      const id = tenants.get(tenant) ?? ContextIdFactory.create();
      tenants.set(tenant, id);
      return {
        resolve: ({ isTreeDurable }: HostComponentInfo) => (isTreeDurable ? id : contextId),
        payload: { tenant },
      };
    },
  });
  @OrraService({ name: 'durable', description: 'Lives per tenant' })
  @Injectable({ scope: Scope.REQUEST, durable: true })
  class Durable {
    readonly number = ++made;
    constructor(@Inject(REQUEST) private readonly request: { tenant: string }) {}
    @Handler({ input: Order, output: Order })
    serve(_: Task<Order>): Order {
      return { sku: `${this.request.tenant} ${this.number}` };
    }
  }
  try {
    await withShop([Durable], async ({ run }) => {
      await completes(run('durable', { metadata: { tenant: 'north' } }), 'north 1');
      await completes(run('durable', { metadata: { tenant: 'south' } }), 'south 2');
      await completes(run('durable', { metadata: { tenant: 'north' } }), 'north 1');
    });
  } finally {
    ContextIdFactory.apply(undefined as never);
  }
});

behaviour('Transient providers', async () => {
  @OrraService({ name: 'transient', description: 'Is transient' })
  @Injectable({ scope: Scope.TRANSIENT })
  class Transient {
    private served = 0;
    @Handler({ input: Order, output: Order })
    serve(_: Task<Order>): Order {
      return { sku: String(++this.served) };
    }
  }
  await withShop([Transient], async ({ run, services }) => {
    assert.deepEqual(services, ['transient']);
    await completes(run('transient'), '1');
    await completes(run('transient'), '2');
  });
});
