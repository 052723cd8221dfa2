import assert from 'node:assert/strict';
import {
  BadRequestException,
  Catch,
  ClassSerializerInterceptor,
  Inject,
  Injectable,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  ValidationPipe,
  createParamDecorator,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector } from '@nestjs/core';
import { catchError, map, of } from 'rxjs';
import {
  CurrentTask,
  Handler,
  OrraExecutionContext,
  OrraService,
  RevertHandler,
  TaskInput,
  TaskMetadata,
  isOrraContext,
  skipForOrra,
  type RevertSource,
  type Task,
} from '@orra-ts/nestjs';
import { Order, Orders, behaviour, completes, fails, withShop } from './harness';

let calls: string[] = [];

@Injectable()
class RoleGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    return this.reflector.getAllAndOverride('role', [context.getHandler(), context.getClass()]) !== 'nobody';
  }
}

@OrraService({ name: 'guarded', description: 'Is guarded' })
@SetMetadata('role', 'clerk')
@UseGuards(RoleGuard)
class Guarded {
  @Handler({ name: 'allow', input: Order, output: Order, takes: 'input' })
  allow(input: Order): Order {
    return input;
  }

  @Handler({ name: 'refuse', input: Order, output: Order, takes: 'input' })
  @SetMetadata('role', 'nobody')
  refuse(input: Order): Order {
    calls.push('the handler ran');
    return input;
  }
}

async function guards(provider: Provider): Promise<void> {
  calls = [];
  await withShop([provider], async ({ run }) => {
    await completes(run('guarded.allow'), 'tea');
    await fails(run('guarded.refuse'), 'Forbidden resource');
  });
  assert.deepEqual(calls, []);
}

behaviour('Guards and Reflector', () => guards(Guarded));

behaviour('Guards of useFactory, useValue and other tokens', async () => {
  await guards({ provide: Guarded, useFactory: () => new Guarded() });
  await guards({ provide: Guarded, useValue: new Guarded() });
  await guards({ provide: 'GUARDED', useClass: Guarded });
});

class Never implements CanActivate {
  canActivate = (): boolean => false;
}

behaviour('Global guards, and skipForOrra', async () => {
  await withShop([Orders, { provide: APP_GUARD, useClass: Never }], ({ run }) =>
    fails(run('orders'), 'Forbidden resource'),
  );
  await withShop([Orders, { provide: APP_GUARD, useClass: skipForOrra(Never) }], ({ run }) =>
    completes(run('orders'), 'tea'),
  );
});

behaviour('Switches for enhancers', () =>
  withShop([Orders, { provide: APP_GUARD, useClass: Never }], ({ run }) => completes(run('orders'), 'tea'), {
    orra: { enhancers: { guards: false } },
  }),
);

/** A service with the decorator on its handler. */
function serviceWith(decorator: MethodDecorator, serve: (task: Task<Order>) => Order | Promise<Order>): Type {
  @OrraService({ name: 'decorated', description: 'Has an enhancer' })
  class Decorated {
    @Handler({ input: Order, output: Order })
    @decorator
    serve(task: Task<Order>): Order | Promise<Order> {
      return serve(task);
    }
  }
  return Decorated;
}
const refuse = (): never => {
  throw new BadRequestException('raw');
};

behaviour('Interceptors', async () => {
  class Shout implements NestInterceptor {
    intercept = (_: ExecutionContext, next: CallHandler<Order>) =>
      next.handle().pipe(map(({ sku }) => ({ sku: `${sku}!` })));
  }
  class Recover implements NestInterceptor {
    intercept = (_: ExecutionContext, next: CallHandler) => next.handle().pipe(catchError(() => of({ sku: 'spare' })));
  }
  await withShop([serviceWith(UseInterceptors(Shout), ({ input }) => input)], ({ run }) =>
    completes(run('decorated'), 'tea!'),
  );
  await withShop([serviceWith(UseInterceptors(Recover), refuse)], ({ run }) => completes(run('decorated'), 'spare'));
});

behaviour('Pipes of parameters', async () => {
  class Upper implements PipeTransform<string> {
    transform = (sku: string): string => sku.toUpperCase();
  }
  @OrraService({ name: 'piped', description: 'Has a pipe' })
  class Piped {
    @Handler({ input: Order, output: Order, takes: 'parameters' })
    serve(@TaskInput('sku', Upper) sku: string): Order {
      return { sku };
    }
  }
  await withShop([Piped], ({ run }) => completes(run('piped'), 'TEA'));
});

behaviour('Decorated parameters, also of createParamDecorator', async () => {
  const Attempt = createParamDecorator(
    (_: unknown, context: ExecutionContext) => context.getArgByIndex<Task>(0).attempt,
  );
  @OrraService({ name: 'parameters', description: 'Has parameters' })
  class Parameters {
    @Handler({ input: Order, output: Order, takes: 'parameters' })
    serve(
      @TaskInput() { sku }: Order,
      @TaskMetadata('tenant') tenant: string,
      @CurrentTask() task: Task<Order>,
      @Attempt() attempt: number,
    ): Order {
      return { sku: `${sku} ${tenant} ${task.id} ${attempt}` };
    }
  }
  await withShop([Parameters], ({ run }) =>
    completes(run('parameters', { metadata: { tenant: 'north' } }), 'tea north task1 1'),
  );
});

behaviour('Global ValidationPipe', () =>
  withShop(
    [Orders, { provide: APP_PIPE, useValue: new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }) }],
    ({ run }) => completes(run('orders'), 'tea'),
  ),
);

behaviour('Global ClassSerializerInterceptor', () =>
  withShop([Orders, { provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor }], ({ run }) =>
    completes(run('orders'), 'tea'),
  ),
);

behaviour('Exception filters', async () => {
  @Catch(BadRequestException)
  class Value implements ExceptionFilter {
    catch = async () => Promise.resolve({ sku: 'a filter does not complete a task' });
  }
  @Catch(BadRequestException)
  class Translate implements ExceptionFilter {
    catch(): never {
      throw new BadRequestException('translated');
    }
  }
  await withShop([serviceWith(UseFilters(Value), refuse)], ({ run }) => fails(run('decorated'), 'raw'));
  await withShop([serviceWith(UseFilters(Translate), refuse)], ({ run }) => fails(run('decorated'), 'translated'));
});

behaviour('HTTP exceptions', async () => {
  let attempts = 0;
  const count = (): never => {
    attempts++;
    return refuse();
  };
  await withShop([serviceWith(SetMetadata('role', 'clerk'), count)], ({ run }) => fails(run('decorated'), 'raw'));
  assert.equal(attempts, 1);
});

behaviour('Aborts', async () => {
  @Catch()
  class CatchAll implements ExceptionFilter {
    catch = (): void => void calls.push('filter');
  }
  calls = [];
  const aborting = serviceWith(UseFilters(CatchAll), (task) => task.abort({ reason: 'sold out' }));
  await withShop([aborting], async ({ run }) => assert.equal((await run('decorated')).status, 'aborted'));
  assert.deepEqual(calls, []);
});

behaviour('ExecutionContext', async () => {
  const seen: unknown[] = [];
  class Watch implements NestInterceptor {
    intercept(context: ExecutionContext, next: CallHandler) {
      const { service, task, attempt, metadata } = OrraExecutionContext.of(context);
      seen.push(isOrraContext(context), service?.name, task?.id, attempt, metadata['tenant']);
      return next.handle();
    }
  }
  await withShop([Orders, { provide: APP_INTERCEPTOR, useClass: Watch }], ({ run }) =>
    completes(run('orders', { metadata: { tenant: 'north' } }), 'tea'),
  );
  assert.deepEqual(seen, [true, 'Orders', 'task1', 1, 'north']);
});

behaviour('Enhancers of revert handlers', async () => {
  calls = [];
  class Watch implements NestInterceptor {
    intercept(context: ExecutionContext, next: CallHandler) {
      calls.push(`reverting: ${OrraExecutionContext.of(context).reverting !== undefined}`);
      return next.handle();
    }
  }
  @OrraService({ name: 'stock', description: 'Keeps stock' })
  class Stock {
    @Handler({ input: Order, output: Order })
    hold({ input }: Task<Order>): Order {
      return input;
    }

    @RevertHandler('hold')
    @UseInterceptors(Watch)
    release({ output }: RevertSource<Order, Order>): void {
      calls.push(`released ${output.sku}`);
    }
  }
  await withShop([Stock, serviceWith(UseGuards(Never), ({ input }) => input)], async ({ orra }) => {
    const orchestration = await orra
      .action('serve the order')
      .plan({
        tasks: [
          { id: 'task1', service: 'stock', input: { sku: 'tea' } },
          { id: 'task2', service: 'decorated', input: { sku: '$task1.sku' } },
        ],
      })
      .submit();
    await orchestration.settled();
  });
  assert.deepEqual(calls, ['reverting: true', 'released tea']);
});
