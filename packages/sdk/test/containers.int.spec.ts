/** The resolvers of `@orra-ts/sdk/containers` with the real container libraries. */
import 'reflect-metadata';
import { asClass, asValue, createContainer } from 'awilix';
import * as inversify from 'inversify';
import * as tsyringe from 'tsyringe';
import { Container as Typedi, Inject, Service } from 'typedi';
import {
  CompensationResult,
  Handler,
  NonRetryableError,
  OrraService,
  RevertHandler,
  type ClassType,
  type InstanceResolver,
  type InstanceScope,
  type RevertSource,
  type Task,
} from '../src';
import { awilixResolver, inversifyResolver, tsyringeResolver, typediResolver } from '../src/containers';
import { closeAll, createApp, echoSchema, gate, startApp, startEngine, type EchoInput } from './support/harness';

const TENANT = 'tenant';
const tenantOf = ({ input }: Task | RevertSource): string => (input as EchoInput).text;

class Pool {
  isOpen = true;
  query(tenant: string): string {
    if (!this.isOpen) throw new Error('the pool is closed');
    return `rows of ${tenant}`;
  }
  close(): void {
    this.isOpen = false;
  }
}

/** What the instances of one test have done. */
class World {
  pools: Pool[] = [];
  ended: string[] = [];
  private running = 0;
  private readonly both = gate();

  /** Lets a task continue when another one runs too. */
  meet(): Promise<void> {
    if (++this.running === 2) this.both.open();
    return this.both.promise;
  }
}

let world: World;
beforeEach(() => (world = new World()));
afterEach(closeAll);

/** A pool that the container closes if it disposes it. */
@inversify.injectable()
class SharedPool extends Pool {
  constructor() {
    super();
    world.pools.push(this);
  }
  dispose(): void {
    this.close();
  }
  destroy(): void {
    this.close();
  }
}

abstract class Reader {
  abstract readonly pool: Pool;
  abstract readonly tenant: string;

  @Handler({ input: echoSchema, output: echoSchema })
  async read({ input }: Task<EchoInput>): Promise<EchoInput> {
    if (input.text !== 'alone') await world.meet();
    return { text: this.pool.query(this.tenant) };
  }

  @RevertHandler('read')
  undo(_: RevertSource<EchoInput, EchoInput>): CompensationResult {
    return CompensationResult.partial({ completed: [this.pool.query(this.tenant)], remaining: [] });
  }

  end(): void {
    world.ended.push(this.tenant);
  }
}

const service = OrraService({ name: 'reader', description: 'Reads the rows of a tenant' });

interface Library {
  readonly reader: ClassType;
  resolver(scope: InstanceScope | undefined): InstanceResolver;
}

const perTask = <P>(scope: InstanceScope | undefined, prepare: P): { scope: 'task'; prepare: P } | undefined =>
  scope === 'task' ? { scope, prepare } : undefined;

function withTsyringe(): Library {
  @service
  @tsyringe.injectable()
  class TsyringeReader extends Reader {
    constructor(
      @tsyringe.inject(SharedPool) readonly pool: SharedPool,
      @tsyringe.inject(TENANT) readonly tenant: string,
    ) {
      super();
    }
    dispose(): void {
      this.end();
    }
  }
  const container = tsyringe.container.createChildContainer();
  container.registerSingleton(SharedPool).registerInstance(TENANT, 'nobody');
  return {
    reader: TsyringeReader,
    resolver: (scope) =>
      tsyringeResolver(
        container,
        perTask(scope, (child, task) => void child.registerInstance(TENANT, tenantOf(task))),
      ),
  };
}

function withInversify(): Library {
  @service
  @inversify.injectable()
  class InversifyReader extends Reader {
    constructor(
      @inversify.inject(SharedPool) readonly pool: SharedPool,
      @inversify.inject(TENANT) readonly tenant: string,
    ) {
      super();
    }
    @inversify.preDestroy()
    override end(): void {
      super.end();
    }
  }
  const container = new inversify.Container();
  const pool = container.bind(SharedPool).toSelf().inSingletonScope();
  pool.onDeactivation((shared) => shared.close());
  container.bind(TENANT).toConstantValue('nobody');
  container.bind(InversifyReader).toSelf();
  return {
    reader: InversifyReader,
    resolver: (scope) =>
      inversifyResolver(
        container,
        perTask(scope, (child, task) => {
          child.bind(TENANT).toConstantValue(tenantOf(task));
          child.bind(InversifyReader).toSelf().inSingletonScope();
        }),
      ),
  };
}

function withAwilix(): Library {
  @service
  class AwilixReader extends Reader {
    readonly pool: Pool;
    readonly tenant: string;
    constructor(given: { pool: Pool; tenant: string }) {
      super();
      this.pool = given.pool;
      this.tenant = given.tenant;
    }
  }
  const container = createContainer<{ pool: Pool; tenant: string; reader: AwilixReader }>({ strict: true });
  container.register({
    pool: asClass(SharedPool)
      .singleton()
      .disposer((pool) => pool.close()),
    tenant: asValue('nobody'),
    reader: asClass(AwilixReader)
      .scoped()
      .disposer((reader) => reader.end()),
  });
  return {
    reader: AwilixReader,
    resolver: (scope) =>
      awilixResolver(container, {
        names: new Map([[AwilixReader, 'reader']]),
        ...perTask(scope, (child, task) => void child.register({ tenant: asValue(tenantOf(task)) })),
      }),
  };
}

function withTypedi(): Library {
  // Properties: the constructor parameters of typedi need emitted metadata, which the tests of this package do not have.
  @service
  @Service()
  class TypediReader extends Reader {
    @Inject(() => SharedPool) readonly pool!: SharedPool;
    @Inject(TENANT) readonly tenant!: string;
    destroy(): void {
      this.end();
    }
  }
  Typedi.remove(SharedPool);
  Service({ global: true })(SharedPool);
  Typedi.set(TENANT, 'nobody');
  return {
    reader: TypediReader,
    resolver: (scope) =>
      typediResolver(
        Typedi,
        perTask(scope, (child, task) => void child.set(TENANT, tenantOf(task))),
      ),
  };
}

describe.each([
  ['tsyringe', withTsyringe],
  ['inversify', withInversify],
  ['awilix', withAwilix],
  ['typedi', withTypedi],
])('%s', (_, library) => {
  it('with scope task gives each of two tasks and a revert its own value and one open pool, and releases only their instances', async () => {
    const engine = await startEngine();
    const { reader, resolver } = library();
    await startApp(engine, { services: [reader], resolver: resolver('task') });
    const tasks = [await engine.sendTask('reader', { text: 'a' }), await engine.sendTask('reader', { text: 'b' })];
    const results = await Promise.all(tasks.map((task) => task.result()));
    expect(results.map(({ result }) => (result as { task: EchoInput }).task.text)).toEqual(['rows of a', 'rows of b']);
    expect([...world.ended].sort()).toEqual(['a', 'b']);

    const { data } = (results[0]?.result as { compensation: { data: unknown } }).compensation;
    expect((await (await engine.sendCompensation('reader', data)).result()).result).toMatchObject({
      partial: { completed: ['rows of a'] },
    });
    expect([...world.ended].sort()).toEqual(['a', 'a', 'b']);
    expect(world.pools.map(({ isOpen }) => isOpen)).toEqual([true]);
  });

  it('has one instance per class by default, which the container keeps', async () => {
    const engine = await startEngine();
    const { reader, resolver } = library();
    const { app } = await startApp(engine, { services: [reader], resolver: resolver(undefined) });
    expect(world.pools).toHaveLength(1);
    const tasks = [await engine.sendTask('reader', { text: 'a' }), await engine.sendTask('reader', { text: 'b' })];
    expect(await Promise.all(tasks.map((task) => task.output()))).toEqual([
      { text: 'rows of nobody' },
      { text: 'rows of nobody' },
    ]);
    await app.close();
    expect(world).toMatchObject({ pools: [{ isOpen: true }], ended: [] });
  });
});

describe('tsyringe with scope task', () => {
  it('creates singletons with the values of the root, also those of a list of implementations', async () => {
    @tsyringe.injectable()
    class Audit {
      constructor(@tsyringe.inject(TENANT) readonly madeFor: string) {}
      dispose(): void {
        world.ended.push(`audit of ${this.madeFor}`);
      }
    }
    @service
    @tsyringe.injectable()
    class Listing extends Reader {
      readonly pool = new Pool();
      readonly tenant: string;
      constructor(@tsyringe.injectAll('audits') audits: readonly Audit[], @tsyringe.inject(Audit) audit: Audit) {
        super();
        this.tenant = [...audits, audit].map(({ madeFor }) => madeFor).join();
      }
    }
    const container = tsyringe.container.createChildContainer();
    container.registerInstance(TENANT, 'root').registerSingleton(Audit);
    container.registerSingleton('audits', Audit).register('audits', { useClass: Audit });
    const resolver = tsyringeResolver(container, {
      scope: 'task',
      prepare: (child, task) => void child.registerInstance(TENANT, tenantOf(task)),
    });
    const engine = await startEngine();
    await startApp(engine, { services: [Listing], resolver });
    expect(await (await engine.sendTask('reader', { text: 'alone' })).output()).toEqual({
      text: 'rows of root,alone,root',
    });
    expect(world.ended).toEqual(['audit of alone']);
  });
});

describe('typedi with scope task', () => {
  it('warns at start that tasks share only global services', async () => {
    const engine = await startEngine();
    const { reader, resolver } = withTypedi();
    const perTask = await createApp(engine, { services: [reader], resolver: resolver('task') });
    expect(perTask.log.text).toMatch(/^warn typedi creates every service that is not global anew for each task/m);
    const perApplication = await createApp(engine, { services: [reader], resolver: resolver(undefined) });
    expect(perApplication.log.text).not.toContain('typedi');
  });
});

describe('a resolver with scope task', () => {
  @service
  class Plain extends Reader {
    readonly pool = new Pool();
    constructor(readonly tenant: string) {
      super();
    }
  }
  const run = (context: { task?: Task | RevertSource } | undefined): string =>
    context?.task ? tenantOf(context.task) : 'none';

  it('fails the task if there is no instance, and runs the next one', async () => {
    const engine = await startEngine();
    const resolver: InstanceResolver = {
      scope: () => 'task',
      get: (_, context) => {
        if (run(context) === 'bad') throw new Error('no connection left');
        return Promise.resolve(new Plain(run(context)));
      },
    };
    await startApp(engine, { services: [Plain], resolver });
    expect(await (await engine.sendTask('reader', { text: 'bad' })).result()).toMatchObject({
      error: 'Plain could not be created: no connection left; check the resolver or factory',
      failure: { code: 'ORRA_MISSING_INSTANCE' },
    });
    expect(await (await engine.sendTask('reader', { text: 'alone' })).output()).toEqual({ text: 'rows of alone' });
  });

  it('fails the task as the error of the resolver decides', async () => {
    const engine = await startEngine();
    const resolver: InstanceResolver = {
      scope: () => 'task',
      get: (_, context) => {
        throw new NonRetryableError(`unknown tenant ${run(context)}`, { code: 'UNKNOWN_TENANT' });
      },
    };
    await startApp(engine, { services: [Plain], resolver });
    expect(await (await engine.sendTask('reader', { text: 'west' })).result()).toMatchObject({
      error: 'unknown tenant west',
      failure: { code: 'UNKNOWN_TENANT', retryable: false },
    });
  });

  it('completes the task if the release fails, and logs the failure', async () => {
    const engine = await startEngine();
    const resolver: InstanceResolver = {
      scope: () => 'task',
      get: (_, context) => new Plain(run(context)),
      release: (_, context) => {
        throw new Error(`${context?.label} of ${run(context)} is still locked`);
      },
    };
    const { log } = await startApp(engine, { services: [Plain], resolver });
    expect(await (await engine.sendTask('reader', { text: 'alone' })).output()).toEqual({ text: 'rows of alone' });
    expect(log.text).toMatch(/error the resolver did not release an instance.*Plain\.read of alone is still locked/);
  });

  it('works for services that are added to a running application', async () => {
    const engine = await startEngine();
    const made: string[] = [];
    const resolver: InstanceResolver = {
      scope: (cls) => (cls === Plain ? 'task' : 'application'),
      get: (_, context) => {
        made.push(run(context));
        return new Plain(run(context));
      },
    };
    const { app } = await startApp(engine, { resolver });
    await app.add([Plain]);
    expect(made).toEqual([]);
    expect(await (await engine.sendTask('reader', { text: 'alone' })).output()).toEqual({ text: 'rows of alone' });
    expect(made).toEqual(['alone']);
  });

  it('is refused for another scope, and with a `prepare` that is never called', async () => {
    const engine = await startEngine();
    const resolver = { scope: () => 'request' as 'task', get: () => new Plain('') };
    await expect(createApp(engine, { services: [Plain], resolver })).rejects.toMatchObject({
      code: 'ORRA_INVALID_OPTION',
      message: "option `resolver`: scope(Plain) must return 'application' or 'task', not request",
    });
    expect(() => tsyringeResolver(tsyringe.container, { prepare: () => undefined })).toThrow(
      "option `prepare`: is called only for classes with an instance per task; set scope: 'task'",
    );
  });
});
