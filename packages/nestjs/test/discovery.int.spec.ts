import { Inject, Injectable, Module, forwardRef } from '@nestjs/common';
import { LazyModuleLoader, ModuleRef } from '@nestjs/core';
import { IsString } from 'class-validator';
import {
  Handler,
  InjectOrra,
  InjectPlan,
  OrraApplication,
  OrraBootError,
  OrraClient,
  OrraContainer,
  OrraModule,
  OrraService,
  TaskInput,
  definePlan,
  getClientToken,
  remoteService,
  type Plan,
  type Task,
} from '@orra-ts/nestjs';
import { OrraTestingModule } from '@orra-ts/nestjs/testing';
import { Handler as SdkHandler, OrraService as SdkService } from '@orra-ts/sdk';
import { OrderInput, OrderOutput, closeShops, runTask, shop } from './shop';

afterEach(closeShops);

@OrraService({ name: 'orders', description: 'Serves orders' })
class Orders {
  constructor(readonly made = 'by Nest') {}

  @Handler({ input: OrderInput, output: OrderOutput })
  async serve({ input }: Task<OrderInput>): Promise<OrderOutput> {
    return Promise.resolve({ seen: `${input.sku} ${this.made}` });
  }
}
Reflect.defineMetadata('self:paramtypes', [], Orders);

/** The problems that `init()` reports. */
const problemsOf = async (work: Promise<unknown>): Promise<readonly string[]> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OrraBootError)) throw error ?? new Error('the application started');
  return error.problems.map(
    ({ where, field, message }) => `${where}${field === undefined ? '' : ` (${field})`}: ${message}`,
  );
};

const namesOf = (app: { get(token: typeof OrraApplication): OrraApplication }): readonly string[] =>
  app
    .get(OrraApplication)
    .health()
    .services.map(({ name }) => name);

describe('discovery', () => {
  it('an alias of a provider is not a second service', async () => {
    const { app } = await shop([
      { provide: Orders, useFactory: () => new Orders() },
      { provide: 'ALIAS', useExisting: Orders },
    ]);
    expect(namesOf(app)).toEqual(['orders']);
  });

  it('a factory that returns the instance of another provider is not a second service', async () => {
    const { app } = await shop([
      { provide: Orders, useFactory: () => new Orders() },
      { provide: 'SAME', useFactory: (orders: Orders) => orders, inject: [Orders] },
    ]);
    expect(namesOf(app)).toEqual(['orders']);
  });

  it('a double in place of the provider stays the service', async () => {
    const double = { serve: ({ input }: Task<OrderInput>) => ({ seen: `${input.sku} by a double` }) };
    const { run } = await shop([{ provide: Orders, useFactory: () => new Orders() }], {
      prepare: (builder) => builder.overrideProvider(Orders).useValue(double),
    });
    expect(await run('orders')).toMatchObject({ output: { seen: 'tea by a double' } });
  });

  it('a double without an annotated method is a problem', async () => {
    const double = { serv: () => ({ seen: '' }) };
    const work = shop([{ provide: Orders, useFactory: () => new Orders() }], {
      prepare: (builder) => builder.overrideProvider(Orders).useValue(double),
    });
    expect(await problemsOf(work)).toEqual([
      'RootTestModule > Orders.serve: the instance from provider Orders of RootTestModule has no method serve',
    ]);
  });

  it('a method that is replaced later, as a spy does, is called', async () => {
    const { app, run } = await shop([{ provide: Orders, useFactory: () => new Orders() }]);
    expect(await run('orders')).toMatchObject({ output: { seen: 'tea by Nest' } });
    jest.spyOn(app.get(Orders), 'serve').mockResolvedValue({ seen: 'a spy' });
    expect(await run('orders')).toMatchObject({ output: { seen: 'a spy' } });
  });

  it('services that need each other through forwardRef are both found', async () => {
    @OrraService({ name: 'left', description: 'Left' })
    @Injectable()
    class Left {
      constructor(@Inject(forwardRef(() => Right)) readonly right: object) {}
      @Handler({ input: OrderInput, output: OrderOutput })
      serve(_: Task<OrderInput>): OrderOutput {
        return { seen: this.right.constructor.name };
      }
    }
    @OrraService({ name: 'right', description: 'Right' })
    @Injectable()
    class Right {
      constructor(@Inject(forwardRef(() => Left)) readonly left: object) {}
      @Handler({ input: OrderInput, output: OrderOutput })
      serve(_: Task<OrderInput>): OrderOutput {
        return { seen: this.left.constructor.name };
      }
    }
    const { run } = await shop([Left, Right]);
    expect(await run('left')).toMatchObject({ output: { seen: 'Right' } });
    expect(await run('right')).toMatchObject({ output: { seen: 'Left' } });
  });

  it('a class with the decorators of the SDK is a service too', async () => {
    @SdkService({ name: 'plain', description: 'Plain' })
    class Plain {
      @SdkHandler({ input: OrderInput, output: OrderOutput, takes: 'input' })
      serve(input: OrderInput): OrderOutput {
        return { seen: input.sku };
      }
    }
    const { run } = await shop([Plain]);
    expect(await run('plain')).toMatchObject({ output: { seen: 'tea' } });
  });

  it('an application without services submits', async () => {
    const { app } = await shop([]);
    expect(await app.get(OrraClient).orchestrations.list()).toEqual({});
  });
});

describe('lazy modules', () => {
  @Module({ providers: [{ provide: Orders, useFactory: () => new Orders('a lazy module') }] })
  class LazyModule {}

  it('attach registers the services of the module on the running application', async () => {
    const { app, run } = await shop([]);
    const moduleRef = await app.get(LazyModuleLoader).load(() => LazyModule);
    expect(namesOf(app)).toEqual([]);
    await app.get(OrraContainer).attach(moduleRef);
    await app.get(OrraContainer).attach(moduleRef);
    expect(namesOf(app)).toEqual(['orders']);
    expect(await run('orders')).toMatchObject({ output: { seen: 'tea a lazy module' } });
  });
});

it('attach refuses the ModuleRef of another application', async () => {
  const [{ app }, other] = [await shop([]), await shop([])];
  await expect(app.get(OrraContainer).attach(other.app.get(ModuleRef))).rejects.toMatchObject({
    code: 'ORRA_NOT_A_LAZY_MODULE',
  });
});

describe('a lazy module with a problem', () => {
  it('adds none of its services, and reports the problem again at the next attempt', async () => {
    @OrraService({ name: 'wrong', description: 'Wrong' })
    class Wrong {
      @Handler({ input: OrderInput, output: OrderOutput, takes: 'parameters' })
      bare(_: string): OrderOutput {
        return { seen: '' };
      }
    }
    @Module({ providers: [Wrong, { provide: Orders, useFactory: () => new Orders() }] })
    class LazyModule {}
    const { app } = await shop([]);
    const moduleRef = await app.get(LazyModuleLoader).load(() => LazyModule);
    const problems = ['LazyModule > Wrong.bare (parameter 1): has no decorator, so it would be undefined'];
    expect(await problemsOf(app.get(OrraContainer).attach(moduleRef))).toEqual(problems);
    expect(namesOf(app)).toEqual([]);
    expect(await problemsOf(app.get(OrraContainer).attach(moduleRef))).toEqual(problems);
  });
});

describe('several engines', () => {
  it('each service runs at the engine of its application, and each client submits to its own', async () => {
    @OrraService({ name: 'billing', description: 'Bills', application: 'billing' })
    @Injectable()
    class Billing {
      constructor(@InjectOrra('billing') readonly orra: OrraClient) {}
      @Handler({ input: OrderInput, output: OrderOutput })
      serve(_: Task<OrderInput>): OrderOutput {
        return { seen: 'billed' };
      }
    }
    const { app, run } = await shop([{ provide: Orders, useFactory: () => new Orders() }, Billing], {
      imports: [OrraTestingModule.forTest({ name: 'billing' })],
    });
    expect(await run('orders')).toMatchObject({ status: 'completed' });
    const billing = app.get<OrraClient>(getClientToken('billing'));
    expect(app.get(Billing).orra).toBe(billing);
    expect(await runTask(billing, 'billing')).toMatchObject({ output: { seen: 'billed' } });
    expect((await app.get(OrraClient).services.list()).map(({ name }) => name)).toEqual(['orders']);
  });

  it('a service of an unknown application is a problem', async () => {
    @OrraService({ name: 'lost', description: 'Lost', application: 'nowhere' })
    class Lost {
      @Handler({ input: OrderInput, output: OrderOutput })
      serve(_: Task<OrderInput>): OrderOutput {
        return { seen: '' };
      }
    }
    expect(await problemsOf(shop([Lost]))).toEqual([
      'RootTestModule > Lost (application): no OrraModule has the name "nowhere"',
    ]);
  });
});

describe('plans', () => {
  class Trip {
    @IsString() sku!: string;
  }
  const orders = remoteService({ name: 'orders', input: OrderInput, output: OrderOutput });
  const book = definePlan('book {sku}', Trip, (plan, input) => plan.task(orders, { sku: input.sku }), {
    name: 'book',
  });

  it('forFeature registers plans and provides them by value', async () => {
    @Injectable()
    class Desk {
      constructor(@InjectPlan(book) readonly plan: Plan) {}
    }
    const { app } = await shop([{ provide: Orders, useFactory: () => new Orders() }, Desk], {
      imports: [OrraModule.forFeature([book])],
    });
    expect(app.get(Desk).plan).toBe(book);
    expect((await app.get(OrraClient).plans.list()).map(({ name }) => name)).toEqual(['book']);
  });

  it('an application without services registers its plans', async () => {
    const { app } = await shop([], { imports: [OrraModule.forFeature([book])] });
    expect((await app.get(OrraClient).plans.list()).map(({ name }) => name)).toEqual(['book']);
  });
});

describe('problems at boot', () => {
  it('all problems of all services are reported together, with module and provider', async () => {
    class Other {
      @IsString() other!: string;
    }
    @OrraService({ name: 'wrong', description: 'Wrong' })
    class Wrong {
      @Handler({ name: 'class', input: OrderInput, output: OrderOutput, takes: 'parameters' })
      class(@TaskInput(Other) _: Other): OrderOutput {
        return { seen: '' };
      }

      @Handler({ name: 'field', input: OrderInput, output: OrderOutput, takes: 'parameters' })
      field(@TaskInput('quantity') _: number): OrderOutput {
        return { seen: '' };
      }

      @Handler({ name: 'bare', input: OrderInput, output: OrderOutput, takes: 'parameters' })
      bare(@TaskInput('sku') _: string, __: AbortSignal): OrderOutput {
        return { seen: '' };
      }
    }
    @OrraService({ name: 'X', description: '' })
    class Nameless {
      @Handler({ input: OrderInput, output: OrderOutput })
      serve(_: Task<OrderInput>): OrderOutput {
        return { seen: '' };
      }
    }
    expect(await problemsOf(shop([Wrong, Nameless]))).toEqual([
      'RootTestModule > Wrong.class (parameter 1): @TaskInput(Other) is not the input of the handler, OrderInput',
      'RootTestModule > Wrong.bare (parameter 2): has no decorator, so it would be undefined',
      "RootTestModule > Wrong.field (parameter 1): @TaskInput('quantity') names a field that the input does not have",
      expect.stringContaining('RootTestModule > Nameless.serve (name)'),
      expect.stringContaining('RootTestModule > Nameless.serve (description)'),
    ]);
  });

  it('the checks run without an engine', async () => {
    const { app } = await shop([{ provide: Orders, useFactory: () => new Orders() }], { orra: { connect: false } });
    expect(app.get(OrraApplication).health()).toMatchObject({ status: 'idle', services: [{ name: 'orders' }] });
  });
});
