import { Inject, Module, type DynamicModule, type FactoryProvider, type Provider } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryModule,
  DiscoveryService,
  ExternalContextCreator,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import type { Logger, OrraApplication, Plan } from '@orra-ts/sdk';
import { createApplication } from '@orra-ts/sdk/internal';
import { nestLogger } from '../logger';
import { moduleRefOf } from '../nest/provider';
import type { OrraModuleAsyncOptions, OrraModuleOptions, OrraModuleScope } from './options';
import { OrraContainer } from './orra-container';
import { startEngine, type ReadyEngine } from './start-engine';
import {
  getApplicationToken,
  getClientToken,
  getContainerToken,
  getEngineToken,
  getOptionsToken,
  getPlanToken,
} from './tokens';

/** Nest destroys modules in the order of their distance from the root module, whose distance is 0. */
const BEFORE_ALL_OTHERS = -1;

/**
 * Finds the providers with `@OrraService` or `@OrraAgent` in all modules, and runs them as services. Provides
 * `OrraClient`, `OrraApplication` and `OrraContainer`.
 *
 * @example
 * imports: [OrraModule.forRoot({ engine: { url: 'http://127.0.0.1:8005', apiKey } })]
 */
@Module({})
export class OrraModule {
  constructor(@Inject(ModuleRef) moduleRef: ModuleRef, @Inject(ModulesContainer) modules: ModulesContainer) {
    for (const module of modules.values()) {
      if (moduleRefOf(module) !== moduleRef) continue;
      // Its `onModuleDestroy` then runs first, awaited, while handlers can still use every provider; `onModuleInit` last.
      module.distance = BEFORE_ALL_OTHERS;
    }
  }

  /** The engine's address comes from ORRA_URL and ORRA_API_KEY where `options.engine` does not have it. */
  static forRoot({ name, isGlobal, ...options }: OrraModuleOptions & OrraModuleScope = {}): DynamicModule {
    return dynamicModule({ name, isGlobal }, { useFactory: () => options }, []);
  }

  /**
   * @example
   * OrraModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ engine: { url: config.getOrThrow('ORRA_URL') } }),
   * })
   */
  static forRootAsync({ imports = [], inject, useFactory, ...scope }: OrraModuleAsyncOptions): DynamicModule {
    return dynamicModule(scope, { inject, useFactory }, imports);
  }

  /**
   * Registers plans with the engine when the application starts, and provides each by value for `@InjectPlan(plan)`.
   *
   * @param name of the `OrraModule` whose engine gets them. @default the one without a name
   */
  static forFeature(plans: readonly Plan[], name?: string): DynamicModule {
    const registration: FactoryProvider = {
      provide: Symbol('OrraPlans'),
      inject: [getContainerToken(name)],
      useFactory: (container: OrraContainer) => container.addPlans(plans),
    };
    const values: Provider[] = plans.map((plan) => ({ provide: getPlanToken(plan), useValue: plan }));
    return {
      module: OrraFeatureModule,
      providers: [registration, ...values],
      exports: plans.map((plan) => getPlanToken(plan)),
    };
  }
}

/** The module of `forFeature`, which keeps the distance that Nest gives it. */
@Module({})
class OrraFeatureModule {}

function dynamicModule(
  { name, isGlobal = true }: OrraModuleScope,
  options: Pick<FactoryProvider<OrraModuleOptions>, 'inject' | 'useFactory'>,
  imports: NonNullable<OrraModuleAsyncOptions['imports']>,
): DynamicModule {
  const optionsToken = getOptionsToken(name);
  const engineToken = getEngineToken(name);
  const applicationToken = getApplicationToken(name);
  const clientToken = getClientToken(name);
  const containerToken = getContainerToken(name);
  const loggerOf = ({ logger }: OrraModuleOptions): Logger => logger ?? nestLogger();
  const providers: FactoryProvider[] = [
    { ...options, provide: optionsToken },
    {
      provide: engineToken,
      inject: [optionsToken],
      useFactory: (resolved: OrraModuleOptions) => startEngine(resolved, loggerOf(resolved)),
    },
    {
      provide: applicationToken,
      inject: [optionsToken, engineToken],
      useFactory: async (resolved: OrraModuleOptions, engine: ReadyEngine) => {
        try {
          return createApplication(sdkOptions(resolved, engine, loggerOf(resolved)));
        } catch (error) {
          await engine.close();
          throw error;
        }
      },
    },
    {
      provide: clientToken,
      inject: [applicationToken],
      useFactory: (application: OrraApplication) => application.orra,
    },
    {
      provide: containerToken,
      inject: [
        applicationToken,
        optionsToken,
        engineToken,
        DiscoveryService,
        ModulesContainer,
        ExternalContextCreator,
        ApplicationConfig,
      ],
      useFactory: (
        application: OrraApplication,
        resolved: OrraModuleOptions,
        engine: ReadyEngine,
        discovery: DiscoveryService,
        modules: ModulesContainer,
        creator: ExternalContextCreator,
        config: ApplicationConfig,
      ) =>
        new OrraContainer({
          name,
          application,
          options: resolved,
          engine,
          logger: loggerOf(resolved).child({ component: 'nestjs' }),
          discovery,
          modules,
          creator,
          config,
        }),
    },
  ];
  return {
    module: OrraModule,
    global: isGlobal,
    imports: [DiscoveryModule, ...imports],
    providers,
    exports: [applicationToken, clientToken, containerToken],
  };
}

function sdkOptions(
  { waitForEngine = true, ...options }: OrraModuleOptions,
  { engine }: ReadyEngine,
  logger: Logger,
): Parameters<typeof createApplication>[0] {
  const startTimeout = waitForEngine === false ? undefined : waitForEngine === true ? DEFAULT_WAIT : waitForEngine;
  return { ...options, engine, logger, startTimeout, services: [], shutdownHooks: false };
}

const DEFAULT_WAIT = '30s';
