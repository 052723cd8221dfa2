/**
 * Runs the services of one `OrraModule`: explores the providers when they exist, connects when the application starts, and
 * drains before any provider is destroyed.
 */
import type { OnApplicationBootstrap, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type {
  ApplicationConfig,
  DiscoveryService,
  ExternalContextCreator,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import { describeThrown } from '@orra-ts/common';
import { OrraBootError, type BootProblem, type Logger, type OrraApplication, type Plan } from '@orra-ts/sdk';
import { nestServiceRecord } from '../decorators/records';
import { asServiceProvider, moduleRefOf, type NestModule, type ServiceProvider, type Wrapper } from '../nest/provider';
import { ServiceExplorer } from '../discovery/service-explorer';
import { nestError } from '../errors';
import { nestErrorMapper } from '../exceptions';
import type { OrraModuleOptions } from './options';
import type { ReadyEngine } from './start-engine';

/** A process without a server calls `enableShutdownHooks()` only after its start. */
const SHUTDOWN_HOOKS_CHECK_MS = 5_000;

export interface ContainerContext {
  /** `name` of the `OrraModule`. */
  readonly name: string | undefined;
  readonly application: OrraApplication;
  readonly options: OrraModuleOptions;
  readonly engine: ReadyEngine;
  readonly logger: Logger;
  readonly discovery: DiscoveryService;
  readonly modules: ModulesContainer;
  readonly creator: ExternalContextCreator;
  readonly config: ApplicationConfig;
}

/** Inject it to add the services of lazy modules. */
export class OrraContainer implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly explorer: ServiceExplorer;
  private readonly known = new Set<Wrapper>();
  private readonly plans: Plan[] = [];
  private hooksCheck: NodeJS.Timeout | undefined;

  /** @internal `OrraModule` creates it */
  constructor(private readonly context: ContainerContext) {
    const { enhancers = {}, retryableStatus, mapError = nestErrorMapper(retryableStatus), peers } = context.options;
    const { creator, modules, config } = context;
    this.explorer = new ServiceExplorer(creator, modules, { config, enhancers, mapError, peers });
  }

  /** @internal Of `forFeature`, before `onModuleInit`. */
  addPlans(plans: readonly Plan[]): void {
    this.plans.push(...plans);
  }

  /** @internal */
  async onModuleInit(): Promise<void> {
    const { discovery } = this.context;
    const wrappers = [...discovery.getProviders(), ...discovery.getControllers()];
    await this.orClose(this.addServices(wrappers));
  }

  /** @internal */
  async onApplicationBootstrap(): Promise<void> {
    const { application, options, logger } = this.context;
    const { connect = true, waitForEngine = true } = options;
    if (!connect) return;
    const started = this.orClose(application.start());
    this.checkShutdownHooks();
    if (waitForEngine !== false) return started;
    started.catch((error: unknown) => logger.error('the services did not start', { error: describeThrown(error) }));
  }

  /** @internal Nest calls this hook before the same hook of all other providers, see `OrraModule`. */
  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.hooksCheck);
    await this.context.application.close();
    await this.context.engine.close();
  }

  /**
   * Adds the services of a module that was loaded later, and of the modules that it imports. Resolves when they are
   * connected, or at once before the application starts.
   *
   * @param moduleRef what `LazyModuleLoader.load()` resolved with
   * @throws OrraBootError `ORRA_BOOT_FAILED` with all problems; no service is added then
   * @throws OrraError `ORRA_NOT_A_LAZY_MODULE`
   */
  async attach(moduleRef: ModuleRef): Promise<void> {
    const host = [...this.context.modules.values()].find((module) => moduleRefOf(module) === moduleRef);
    if (!host) {
      throw nestError(
        'ORRA_NOT_A_LAZY_MODULE',
        'OrraContainer.attach: the ModuleRef belongs to no module of the application; pass what LazyModuleLoader.load() resolved with',
      );
    }
    await this.addServices([...withImports(host)].flatMap(({ providers }) => [...providers.values()]));
  }

  private async addServices(wrappers: readonly Wrapper[]): Promise<void> {
    const { application } = this.context;
    const problems: BootProblem[] = [];
    const services = this.ownServices(wrappers, problems);
    const sources = await this.explorer.explore(services, (problem) => problems.push(problem));
    try {
      application.addPlans(this.plans.splice(0));
    } catch (error) {
      if (!(error instanceof OrraBootError)) throw error;
      problems.push(...error.problems);
    }
    if (problems.length > 0) throw new OrraBootError(problems);
    await application.add(sources);
    for (const { wrapper } of services) this.known.add(wrapper);
  }

  /** Services of this `OrraModule` that it does not have yet, one for each instance. */
  private ownServices(wrappers: readonly Wrapper[], problems: BootProblem[]): readonly ServiceProvider[] {
    const { name, discovery } = this.context;
    const containers = discovery
      .getProviders()
      .flatMap(({ instance }) => (instance instanceof OrraContainer ? [instance] : []));
    const names = new Set(containers.map(({ context }) => context.name));
    const found = new Map<unknown, ServiceProvider>();
    for (const wrapper of wrappers) {
      const service = this.known.has(wrapper) ? undefined : asServiceProvider(wrapper);
      if (!service) continue;
      const application = nestServiceRecord(service.cls)?.application;
      // The first container reports for all.
      if (!names.has(application) && containers[0] === this)
        problems.push(unknownApplication(service, application, names));
      if (application !== name) continue;
      // A module that is imported by several modules appears once; a factory may return the instance of another provider.
      const identity: unknown = service.scope === 'static' ? wrapper.instance : wrapper;
      if (!found.has(identity)) found.set(identity, service);
    }
    return [...found.values()];
  }

  /** Ends an engine of the application whose start failed: Nest then calls no further hooks. */
  private async orClose(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      await this.onModuleDestroy();
      throw error;
    }
  }

  private checkShutdownHooks(): void {
    const { logger } = this.context;
    this.hooksCheck = setTimeout(() => {
      if (process.listenerCount('SIGTERM') > 0) return;
      logger.warn('SIGTERM would cut off running handlers: call app.enableShutdownHooks() before app.listen()');
    }, SHUTDOWN_HOOKS_CHECK_MS).unref();
  }
}

function withImports(host: NestModule, found = new Set<NestModule>()): ReadonlySet<NestModule> {
  if (found.has(host)) return found;
  found.add(host);
  for (const imported of host.imports) withImports(imported, found);
  return found;
}

const unknownApplication = (
  { cls, module }: ServiceProvider,
  application: string | undefined,
  names: ReadonlySet<string | undefined>,
): BootProblem => ({
  where: `${module} > ${cls.name}`,
  field: 'application',
  message:
    application === undefined
      ? 'names no application, and each OrraModule has a name'
      : `no OrraModule has the name "${application}"`,
  fix: `name one of ${[...names].map((name) => JSON.stringify(name ?? '')).join(', ')}, or import OrraModule.forRoot(${application === undefined ? '' : `{ name: ${JSON.stringify(application)} }`})`,
});
