import {
  BadRequestException,
  Catch,
  Inject,
  Injectable,
  ServiceUnavailableException,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  ValidationPipe,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector } from '@nestjs/core';
import { catchError, map, of, tap } from 'rxjs';
import {
  CurrentTask,
  Handler,
  NonRetryableError,
  OrraClient,
  OrraExecutionContext,
  OrraService,
  RevertHandler,
  type RevertSource,
  Reverting,
  type Task,
  TaskInput,
  TaskMetadata,
  TaskSignal,
  isOrraContext,
  skipForOrra,
} from '@orra-ts/nestjs';
import { OrderInput, OrderOutput, closeShops, shop } from './shop';

let calls: string[] = [];
beforeEach(() => (calls = []));
afterEach(closeShops);

@Injectable()
class RoleGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const role = this.reflector.getAllAndOverride<string>('role', [context.getHandler(), context.getClass()]);
    calls.push(`guard of ${context.getClass().name}: ${role}`);
    return role !== 'nobody';
  }
}

class Shout implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler<OrderOutput>) {
    return next.handle().pipe(map(({ seen }) => ({ seen: `${seen}!` })));
  }
}

class UpperCase implements PipeTransform<OrderInput> {
  transform = (input: OrderInput): OrderInput => Object.assign(new OrderInput(), { sku: input.sku.toUpperCase() });
}

@Catch(BadRequestException)
class BadRequestFilter implements ExceptionFilter {
  async catch(error: BadRequestException): Promise<OrderOutput> {
    calls.push(`filter: ${error.message}`);
    return Promise.resolve({ seen: 'a filter does not complete a task' });
  }
}

@OrraService({ name: 'orders', description: 'Serves orders' })
@SetMetadata('role', 'clerk')
@UseGuards(RoleGuard)
@UseFilters(BadRequestFilter)
class Orders {
  @Handler({ name: 'serve', input: OrderInput, output: OrderOutput, takes: 'parameters' })
  @UseInterceptors(Shout)
  async serve(@TaskInput(OrderInput, UpperCase) input: OrderInput, @CurrentTask() task: Task): Promise<OrderOutput> {
    return Promise.resolve({ seen: `${input.constructor.name} ${input.sku} ${task.attempt}` });
  }

  @Handler({ name: 'refuse', input: OrderInput, output: OrderOutput })
  @SetMetadata('role', 'nobody')
  async refuse(task: Task<OrderInput>): Promise<OrderOutput> {
    calls.push('the handler ran');
    return Promise.resolve({ seen: task.input.sku });
  }

  @Handler({ name: 'fail', input: OrderInput, output: OrderOutput, takes: 'input' })
  async fail(input: OrderInput): Promise<OrderOutput> {
    return Promise.reject(new BadRequestException(`no ${input.sku} left`));
  }
}

@OrraService({ name: 'stock', description: 'Keeps stock' })
class Stock {
  @Handler({ input: OrderInput, output: OrderOutput, takes: 'input' })
  async hold({ sku }: OrderInput): Promise<OrderOutput> {
    return Promise.resolve({ seen: sku });
  }

  @RevertHandler('hold')
  async release({ output }: RevertSource<OrderInput, OrderOutput>): Promise<void> {
    calls.push(`released ${output.seen}`);
    return Promise.resolve();
  }
}

const PROVIDERS: [string, ...Provider[]][] = [
  ['a class', Orders],
  ['a factory', { provide: Orders, useFactory: () => new Orders() }],
  ['a value', { provide: Orders, useValue: new Orders() }],
  ['an existing provider', { provide: 'ALIAS', useExisting: Orders }, Orders],
  [
    'a factory that returns an existing provider',
    { provide: 'A', useFactory: (o: Orders) => o, inject: [Orders] },
    Orders,
  ],
  ['a class under a string token', { provide: 'ORDERS', useClass: Orders }],
  ['a value under a symbol token', { provide: Symbol('orders'), useValue: new Orders() }],
];

describe.each(PROVIDERS)('enhancers of a service that is provided as %s', (_, ...providers) => {
  it('guards, interceptors and the pipes of parameters run', async () => {
    const { run } = await shop(providers);
    expect(await run('orders.serve')).toMatchObject({ status: 'completed', output: { seen: 'OrderInput TEA 1!' } });
    expect(calls).toEqual(['guard of Orders: clerk']);
  });

  it('a guard that refuses fails the orchestration with its reason, and completed work is undone', async () => {
    const { app } = await shop([...providers, Stock]);
    const orchestration = await app
      .get(OrraClient)
      .action('serve the order')
      .plan({
        tasks: [
          { id: 'task1', service: 'stock', input: { sku: 'tea' } },
          { id: 'task2', service: 'orders.refuse', input: { sku: '$task1.seen' } },
        ],
      })
      .submit();
    expect(await orchestration.result()).toMatchObject({ status: 'failed', error: { message: 'Forbidden resource' } });
    await orchestration.settled();
    // The handler did not run, and the task was not retried.
    expect(calls).toEqual(['guard of Orders: nobody', 'released tea']);
  });

  it('a filter sees the error of the handler, and its return value does not complete the task', async () => {
    const { run } = await shop(providers);
    expect(await run('orders.fail')).toMatchObject({ status: 'failed', error: { message: 'no tea left' } });
    expect(calls).toContain('filter: no tea left');
  });
});

describe('interceptors and filters', () => {
  it('an interceptor may recover from an error', async () => {
    class Recover implements NestInterceptor {
      intercept = (_: ExecutionContext, next: CallHandler) =>
        next.handle().pipe(catchError(() => of({ seen: 'spare' })));
    }
    @OrraService({ name: 'orders', description: 'Serves orders' })
    class Fragile {
      @Handler({ input: OrderInput, output: OrderOutput })
      @UseInterceptors(Recover)
      async serve(_: Task<OrderInput>): Promise<OrderOutput> {
        return Promise.reject(new Error('broken'));
      }
    }
    const { run } = await shop([Fragile]);
    expect(await run('orders')).toMatchObject({ status: 'completed', output: { seen: 'spare' } });
  });

  it('a filter may throw another error', async () => {
    @Catch(BadRequestException)
    class Translate implements ExceptionFilter {
      catch(): never {
        throw new BadRequestException('translated');
      }
    }
    @OrraService({ name: 'orders', description: 'Serves orders' })
    class Fragile {
      @Handler({ input: OrderInput, output: OrderOutput })
      @UseFilters(Translate)
      async serve(_: Task<OrderInput>): Promise<OrderOutput> {
        return Promise.reject(new BadRequestException('raw'));
      }
    }
    const { run } = await shop([Fragile]);
    expect(await run('orders')).toMatchObject({ status: 'failed', error: { message: 'translated' } });
  });

  it('an abort passes unchanged through interceptors, and no filter sees it', async () => {
    const seen: unknown[] = [];
    class Watch implements NestInterceptor {
      intercept = (_: ExecutionContext, next: CallHandler) =>
        next.handle().pipe(tap({ error: (error: Error & { code?: string }) => seen.push(error.code) }));
    }
    @Catch()
    class CatchAll implements ExceptionFilter {
      catch = (error: unknown): void => void seen.push(error);
    }
    @OrraService({ name: 'orders', description: 'Serves orders' })
    class Careful {
      @Handler({ input: OrderInput, output: OrderOutput })
      @UseInterceptors(Watch)
      @UseFilters(CatchAll)
      async serve(task: Task<OrderInput>): Promise<OrderOutput> {
        return Promise.resolve().then(() => task.abort({ reason: 'sold out' }));
      }
    }
    const { run } = await shop([Careful]);
    expect(await run('orders')).toMatchObject({ status: 'aborted', payload: { reason: 'sold out' } });
    expect(seen).toEqual(['ORRA_TASK_ABORTED']);
  });

  it('an exception with status 503 is retried', async () => {
    let attempts = 0;
    @OrraService({ name: 'orders', description: 'Serves orders' })
    class Busy {
      @Handler({ input: OrderInput, output: OrderOutput })
      async serve(task: Task<OrderInput>): Promise<OrderOutput> {
        attempts = task.attempt;
        if (task.attempt === 1) throw new ServiceUnavailableException('busy');
        return Promise.resolve({ seen: 'second attempt' });
      }
    }
    const { run } = await shop([Busy]);
    expect(await run('orders')).toMatchObject({ status: 'completed' });
    expect(attempts).toBe(2);
  });
});

describe('global enhancers', () => {
  @OrraService({ name: 'orders', description: 'Serves orders' })
  class Quiet {
    @Handler({ name: 'input', input: OrderInput, output: OrderOutput, takes: 'input' })
    async input(input: OrderInput): Promise<OrderOutput> {
      return Promise.resolve({ seen: `${input.constructor.name} ${input.sku}` });
    }

    @Handler({ name: 'off', input: OrderInput, output: OrderOutput, enhancers: { guards: false, interceptors: false } })
    async off(task: Task<OrderInput>): Promise<OrderOutput> {
      return Promise.resolve({ seen: task.input.sku });
    }
  }
  class Session implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      calls.push(`session guard on ${context.getType<string>()}`);
      return false;
    }
  }
  class Watch implements NestInterceptor {
    intercept(context: ExecutionContext, next: CallHandler) {
      const orra = OrraExecutionContext.of(context);
      calls.push(
        `${orra.service?.name} ${orra.task?.id} ${orra.metadata['tenant']} ${orra.attempt} ${isOrraContext(context)}`,
      );
      return next.handle();
    }
  }

  it('an interceptor reads task, service, metadata and attempt', async () => {
    const { run } = await shop([Quiet, { provide: APP_INTERCEPTOR, useClass: Watch }]);
    await run('orders.input', { metadata: { tenant: 'north' } });
    expect(calls).toEqual(['Quiet task1 north 1 true']);
  });

  it('a guard wrapped with skipForOrra lets tasks pass', async () => {
    const { run } = await shop([Quiet, { provide: APP_GUARD, useClass: skipForOrra(Session) }]);
    expect(await run('orders.input')).toMatchObject({ status: 'completed' });
    expect(calls).toEqual([]);
  });

  it('switches of a handler and of the module turn guards off', async () => {
    const guard = { provide: APP_GUARD, useClass: Session };
    const { run } = await shop([Quiet, guard]);
    expect(await run('orders.off')).toMatchObject({ status: 'completed' });
    expect(await run('orders.input')).toMatchObject({ status: 'failed' });
    const other = await shop([Quiet, guard], { orra: { enhancers: { guards: false } } });
    expect(await other.run('orders.input')).toMatchObject({ status: 'completed' });
  });

  it('a global ValidationPipe neither checks nor strips the input a second time', async () => {
    const { run } = await shop([
      Quiet,
      { provide: APP_PIPE, useValue: new ValidationPipe({ forbidNonWhitelisted: true, whitelist: true }) },
    ]);
    expect(await run('orders.input')).toMatchObject({ status: 'completed', output: { seen: 'OrderInput tea' } });
  });

  it('a global filter that returns a value does not complete the task', async () => {
    @Catch()
    class CatchAll implements ExceptionFilter {
      catch = (_: unknown, host: ArgumentsHost): void => void calls.push(host.getType());
    }
    const { run } = await shop([
      Quiet,
      { provide: APP_GUARD, useClass: Session },
      { provide: APP_FILTER, useClass: CatchAll },
    ]);
    expect(await run('orders.input')).toMatchObject({ status: 'failed', error: { message: 'Forbidden resource' } });
    expect(calls).toEqual(['session guard on orra', 'orra']);
  });
});

describe('a global guard that is written for HTTP', () => {
  class Session implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      const request = context.switchToHttp().getRequest<{ headers: { authorization: string } }>();
      return request.headers.authorization !== '';
    }
  }
  @OrraService({ name: 'orders', description: 'Serves orders' })
  class Plain {
    @Handler({ name: 'serve', input: OrderInput, output: OrderOutput })
    async serve(_: Task<OrderInput>): Promise<OrderOutput> {
      return Promise.resolve({ seen: 'served' });
    }

    @Handler({ name: 'wrong', input: OrderInput, output: OrderOutput, enhancers: { guards: false } })
    async wrong(_: Task<OrderInput>): Promise<OrderOutput> {
      return Promise.reject(new TypeError("Cannot read properties of undefined (reading 'sku')"));
    }
  }

  it('fails the task with a hint; an error of the handler is unchanged', async () => {
    // Errors are retried, except NonRetryableErrors.
    const mapError = (thrown: unknown) => new NonRetryableError((thrown as Error).message);
    const { run } = await shop([Plain, { provide: APP_GUARD, useClass: Session }], { orra: { mapError } });
    const { error } = (await run('orders.serve')) as unknown as { error: { message: string } };
    expect(error.message).toContain("Cannot read properties of undefined (reading 'authorization')");
    expect(error.message).toContain('before Plain.serve began');
    expect(error.message).toMatch(/skipForOrra\(\).*isOrraContext\(context\)/);
    expect(await run('orders.wrong')).toMatchObject({
      error: { message: "Cannot read properties of undefined (reading 'sku')" },
    });
  });
});

describe("Nest's logger", () => {
  @Catch(BadRequestException)
  class Other implements ExceptionFilter {
    catch = (): void => void calls.push('filter');
  }
  @OrraService({ name: 'orders', description: 'Serves orders' })
  class Broken {
    @Handler({ input: OrderInput, output: OrderOutput })
    @UseFilters(Other)
    async serve(_: Task<OrderInput>): Promise<OrderOutput> {
      return Promise.reject(new NonRetryableError('broken'));
    }
  }

  it('does not repeat an error that no filter catches', async () => {
    const { app, run } = await shop([Broken]);
    const logged = jest.fn();
    app.useLogger({ log: logged, error: logged, warn: logged });
    expect(await run('orders')).toMatchObject({ status: 'failed', error: { message: 'broken' } });
    expect(logged).not.toHaveBeenCalled();
    expect(calls).toEqual([]);
  });
});

describe('parameters', () => {
  it('each decorator fills its parameter, in handlers and in reverts', async () => {
    @OrraService({ name: 'stock', description: 'Keeps stock' })
    class Stock {
      @Handler({ input: OrderInput, output: OrderOutput, takes: 'parameters' })
      async hold(
        @TaskInput('sku') sku: string,
        @TaskMetadata('tenant') tenant: string,
        @TaskSignal() signal: AbortSignal,
      ): Promise<OrderOutput> {
        return Promise.resolve({ seen: `${sku} ${tenant} ${signal.aborted}` });
      }

      @RevertHandler('hold', { takes: 'parameters' })
      async release(
        @TaskInput() input: OrderInput,
        @TaskSignal() signal: AbortSignal,
        @Reverting() source: RevertSource<OrderInput, OrderOutput>,
      ) {
        calls.push(`released ${input.sku} ${signal.aborted} ${source.output.seen} ${source.context?.reason}`);
        return Promise.resolve();
      }
    }
    @OrraService({ name: 'payments', description: 'Takes payments' })
    class Payments {
      @Handler({ input: OrderInput, output: OrderOutput })
      async pay(_: Task<OrderInput>): Promise<OrderOutput> {
        return Promise.reject(new BadRequestException('declined'));
      }
    }
    const { app } = await shop([Stock, Payments]);
    const orchestration = await app
      .get(OrraClient)
      .action('serve the order')
      .plan({
        tasks: [
          { id: 'task1', service: 'stock', input: { sku: 'tea' } },
          { id: 'task2', service: 'payments', input: { sku: '$task1.seen' } },
        ],
      })
      .metadata({ tenant: 'north' })
      .submit();
    await orchestration.settled();
    expect(calls).toEqual(['released tea false tea north false failed']);
  });
});
