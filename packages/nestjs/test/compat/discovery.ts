import assert from 'node:assert/strict';
import { Controller, Inject, Injectable, Module, forwardRef } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import {
  Handler,
  InjectPlan,
  type OrraClient,
  OrraContainer,
  OrraModule,
  OrraService,
  definePlan,
  getClientToken,
  remoteService,
  type Plan,
  type Task,
} from '@orra-ts/nestjs';
import { OrraTestingModule } from '@orra-ts/nestjs/testing';
import { Order, Orders, behaviour, completes, runTask, withShop } from './harness';

behaviour('Class providers and constructor injection', async () => {
  @Injectable()
  class Catalog {
    readonly suffix = ' of the catalog';
  }
  @OrraService({ name: 'injected', description: 'Injects' })
  @Injectable()
  class Injected {
    constructor(@Inject(Catalog) private readonly catalog: Catalog) {}
    @Handler({ input: Order, output: Order })
    serve({ input }: Task<Order>): Order {
      return { sku: input.sku + this.catalog.suffix };
    }
  }
  await withShop([Injected, Catalog], ({ run }) => completes(run('injected'), 'tea of the catalog'));
});

behaviour('useFactory and useValue', async () => {
  const factory = { provide: Orders, useFactory: () => new Orders(' made') };
  await withShop([factory], ({ run }) => completes(run('orders'), 'tea made'));
  await withShop([{ provide: Orders, useValue: new Orders(' given') }], ({ run }) =>
    completes(run('orders'), 'tea given'),
  );
});

behaviour('String and symbol tokens', async () => {
  await withShop([{ provide: 'ORDERS', useClass: Orders }], ({ run }) => completes(run('orders'), 'tea'));
  await withShop([{ provide: Symbol('orders'), useClass: Orders }], ({ run }) => completes(run('orders'), 'tea'));
});

behaviour('useExisting', async () => {
  await withShop([Orders, { provide: 'ALIAS', useExisting: Orders }], async ({ services, run }) => {
    assert.deepEqual(services, ['orders']);
    await completes(run('orders'), 'tea');
  });
});

behaviour('forwardRef', async () => {
  @OrraService({ name: 'left', description: 'Left' })
  @Injectable()
  class Left {
    constructor(@Inject(forwardRef(() => Right)) readonly right: object) {}
    @Handler({ input: Order, output: Order })
    serve(_: Task<Order>): Order {
      return { sku: this.right.constructor.name };
    }
  }
  @Injectable()
  class Right {
    constructor(@Inject(forwardRef(() => Left)) readonly left: object) {}
  }
  await withShop([Left, Right], ({ run }) => completes(run('left'), 'Right'));
});

behaviour('Controllers', async () => {
  @OrraService({ name: 'both', description: 'Serves HTTP and tasks' })
  @Controller()
  class Both {
    @Handler({ input: Order, output: Order, takes: 'input' })
    serve({ sku }: Order): Order {
      return { sku: `${sku} by a controller` };
    }
  }
  await withShop([], ({ run }) => completes(run('both'), 'tea by a controller'), { controllers: [Both] });
});

behaviour('overrideProvider in tests', async () => {
  const double = { serve: () => ({ sku: 'a double' }) };
  await withShop([Orders], ({ run }) => completes(run('orders'), 'a double'), {
    prepare: (builder) => builder.overrideProvider(Orders).useValue(double),
  });
});

behaviour('Lazy modules', async () => {
  @Module({ providers: [Orders] })
  class LazyModule {}
  await withShop([], async ({ app, run }) => {
    const moduleRef = await app.get(LazyModuleLoader).load(() => LazyModule);
    await app.get(OrraContainer).attach(moduleRef);
    await completes(run('orders'), 'tea');
  });
});

behaviour('Dynamic modules: forRootAsync and several engines', async () => {
  @OrraService({ name: 'billing', description: 'Bills', application: 'billing' })
  class Billing {
    @Handler({ input: Order, output: Order })
    serve(_: Task<Order>): Order {
      return { sku: 'billed' };
    }
  }
  await withShop(
    [Orders, Billing],
    async ({ app, run }) => {
      await completes(run('orders'), 'tea');
      await completes(runTask(app.get<OrraClient>(getClientToken('billing')), 'billing'), 'billed');
    },
    { imports: [OrraTestingModule.forTest({ name: 'billing' })] },
  );
});

behaviour('Plans as providers', async () => {
  const orders = remoteService({ name: 'orders', input: Order, output: Order });
  const book = definePlan('book {sku}', Order, (plan, input) => plan.task(orders, { sku: input.sku }), {
    name: 'book',
  });
  @Injectable()
  class Desk {
    constructor(@InjectPlan(book) readonly plan: Plan) {}
  }
  await withShop(
    [Orders, Desk],
    async ({ app, orra }) => {
      assert.equal(app.get(Desk).plan, book);
      assert.deepEqual(
        (await orra.plans.list()).map(({ name }) => name),
        ['book'],
      );
    },
    { imports: [OrraModule.forFeature([book])] },
  );
});
