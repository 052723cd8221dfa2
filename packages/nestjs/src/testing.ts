/** The module for tests: an engine in memory in the same process, or no engine at all. */
import type { DynamicModule } from '@nestjs/common';
import { embeddedEngine, type EmbeddedEngineOptions } from '@orra-ts/engine';
import { silentLogger } from '@orra-ts/sdk';
import type { OrraModuleOptions, OrraModuleScope } from './module/options';
import { OrraModule } from './module/orra.module';

export interface OrraTestingOptions extends Omit<OrraModuleOptions, 'engine'>, OrraModuleScope {
  /** Options of the engine, such as a scripted planner. @default storage in memory, a free port */
  readonly engine?: EmbeddedEngineOptions;
}

export const OrraTestingModule = {
  /**
   * `OrraModule.forRoot` with an engine in memory. Journals are kept in memory, and nothing is logged. With
   * `connect: false` it does not start an engine and opens no socket: discovery and all boot checks run.
   */
  forTest({ engine, name, isGlobal, ...options }: OrraTestingOptions = {}): DynamicModule {
    return OrraModule.forRootAsync({
      name,
      isGlobal,
      // Called for each application: several tests compile the same module, and an engine starts once.
      useFactory: (): OrraModuleOptions => ({
        logger: silentLogger,
        journal: { kind: 'memory' },
        identity: { load: () => undefined, save: () => undefined },
        ...options,
        engine: options.connect === false ? undefined : embeddedEngine({ storage: ':memory:', ...engine }),
      }),
    });
  },
};
