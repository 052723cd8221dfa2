import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import type { Duration, OrraOptions } from '@orra-ts/sdk';
import type { EnhancerSwitches } from '../decorators/records';
import type { ErrorMapper } from '../exceptions';

/**
 * Options of the SDK, except those that the module provides: the services come from Nest's container, and Nest owns the
 * signals of the process.
 */
export interface OrraModuleOptions extends Omit<
  OrraOptions,
  'services' | 'resolver' | 'shutdownHooks' | 'startTimeout'
> {
  /**
   * What `app.init()` and `app.listen()` wait for. A duration: all services are connected, or the start fails after it;
   * `true`: the default duration; `false`: nothing, the services connect in the background. @default '30s'
   */
  readonly waitForEngine?: boolean | Duration | undefined;
  /** Switches for guards, interceptors and filters on all handlers. @default all on */
  readonly enhancers?: EnhancerSwitches | undefined;
  /** Replaces the table of HTTP statuses whose exceptions are retried. @default `isRetryableStatus` */
  readonly retryableStatus?: ((status: number) => boolean) | undefined;
  /** Replaces the mapping of exceptions to failures of a task. @default `nestErrorMapper(retryableStatus)` */
  readonly mapError?: ErrorMapper | undefined;
  /** `false` opens no socket, for tests that call providers only; all checks at boot run. @default true */
  readonly connect?: boolean | undefined;
}

/** Where the module is seen, and how it is called. */
export interface OrraModuleScope {
  /** Name of this engine or project, in an application with several. @default the one without a name */
  readonly name?: string | undefined;
  /** Providers of all modules can inject `OrraClient`. @default true */
  readonly isGlobal?: boolean | undefined;
}

export interface OrraModuleAsyncOptions extends OrraModuleScope, Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'] | undefined;
  // As Nest declares factories: their parameters are what `inject` lists.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly useFactory: (...args: any[]) => OrraModuleOptions | Promise<OrraModuleOptions>;
}
