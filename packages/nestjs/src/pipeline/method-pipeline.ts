/**
 * Calls the methods of a provider through Nest's own pipeline: guards, interceptors, pipes, handler, filters. Nest's
 * creator is used twice, first without filters. So a value that a filter returns is not mistaken for the result of the
 * handler: an error stays an error.
 */
import { ContextIdFactory, type ApplicationConfig, type ContextId, type ExternalContextCreator } from '@nestjs/core';
import { OrraError } from '@orra-ts/common';
import type { MethodCall, RevertSource, Task } from '@orra-ts/sdk';
import { methodOf } from '@orra-ts/sdk/internal';
import { ORRA_CONTEXT } from '../context/orra-context';
import { methodRecord, type EnhancerSwitches } from '../decorators/records';
import { expectedMethod, type ServiceProvider } from '../nest/provider';
import type { ErrorMapper } from '../exceptions';
import type { MethodEnhancers } from './enhancers';
import { isFiltered } from './filters';
import { hostWith, type CallHost } from './host';
import { markBegun, withHttpHint } from './http-hint';
import { ENHANCER_KEYS, PARAMETERS_KEY, type EnhancerKind } from '../nest/metadata';

export interface PipelineOptions {
  /** Has the global filters. */
  readonly config: ApplicationConfig;
  readonly enhancers: EnhancerSwitches;
  readonly mapError: ErrorMapper;
}

type Argument = Task | RevertSource;
type Method = (this: object, ...args: unknown[]) => unknown;
type Pipeline = (argument: Argument) => Promise<unknown>;

/** All parameters are custom ones, which bring their own factory. */
const NO_BUILT_IN_PARAMETERS = { exchangeKeyForValue: () => null };

class Completed {
  constructor(readonly value: unknown) {}
}

/** Passes by the filters: an abort, and an error that none of them catches. */
class Unfiltered {
  constructor(readonly error: unknown) {}
}

export class ProviderCaller {
  /** For a provider with one instance. */
  private readonly pipelines = new Map<string | symbol, { readonly method: Method; readonly pipeline: Pipeline }>();
  private readonly failures = new WeakMap<Argument, unknown>();

  /**
   * @param instance the instance of a provider that has one; undefined if each task has its own
   * @param enhancers of each method, for a provider whose enhancers Nest does not find; undefined if Nest finds them
   */
  constructor(
    private readonly creator: ExternalContextCreator,
    private readonly provider: ServiceProvider,
    private readonly instance: object | undefined,
    private readonly enhancers: ReadonlyMap<string | symbol, MethodEnhancers> | undefined,
    private readonly options: PipelineOptions,
  ) {}

  readonly call = async ({ method, argument }: MethodCall): Promise<unknown> => {
    let result: unknown;
    try {
      const pipeline = this.instance ? this.shared(this.instance, method) : await this.own(argument, method);
      result = await pipeline(argument);
      if (result instanceof Unfiltered) throw result.error;
    } catch (thrown) {
      throw this.options.mapError(thrown);
    }
    if (result instanceof Completed) return result.value;
    // A filter returned instead of throwing. The handler has failed nevertheless.
    throw this.options.mapError(this.failures.get(argument));
  };

  /** Built once per method, and again when the method is replaced, as a spy does. */
  private shared(instance: object, name: string | symbol): Pipeline {
    const method = methodOf(instance, expectedMethod(this.provider, name));
    const known = this.pipelines.get(name);
    if (known?.method === method) return known.pipeline;
    const pipeline = this.build(instance, name, method);
    this.pipelines.set(name, { method, pipeline });
    return pipeline;
  }

  /** The instance of this task, or of its tenant where the provider is durable. */
  private async own(argument: Argument, name: string | symbol): Promise<Pipeline> {
    const { wrapper, moduleRef } = this.provider;
    const contextId = ContextIdFactory.getByRequest(argument as never);
    moduleRef.registerRequestByContextId(wrapper.isDependencyTreeDurable() ? contextId.payload : argument, contextId);
    const instance = await moduleRef.resolve<object>(wrapper.token as string, contextId, { strict: true });
    return this.build(instance, name, methodOf(instance, expectedMethod(this.provider, name)), contextId);
  }

  private build(instance: object, name: string | symbol, method: Method, contextId?: ContextId): Pipeline {
    const { provider, creator } = this;
    const { cls, wrapper } = provider;
    const all = this.options.enhancers;
    const switches = methodRecord(cls.prototype as object, name).enhancers ?? {};
    const {
      guards = all.guards ?? true,
      interceptors = all.interceptors ?? true,
      filters = all.filters ?? true,
    } = switches;
    const declared = (cls.prototype as Record<string | symbol, Method>)[name];
    const own = this.enhancers?.get(name);
    const callback = callbackFor(instance, method, declared, own);
    const host: CallHost = own ? hostWith(instance, cls, name, own) : { object: instance, seal: () => undefined };
    const inquirerId = contextId && wrapper.id;
    const create = (called: Method, as: string, isWhole: boolean): Pipeline =>
      creator.create(
        host.object,
        called,
        as,
        isWhole ? PARAMETERS_KEY : '',
        isWhole ? NO_BUILT_IN_PARAMETERS : undefined,
        contextId,
        inquirerId,
        isWhole ? { guards, interceptors, filters: false } : { guards: false, interceptors: false, filters },
        ORRA_CONTEXT,
      ) as Pipeline;
    const { label } = expectedMethod(provider, name);
    const whole = create(callback, name as string, true);
    const outcome: Method = async (argument) => {
      try {
        return new Completed(await withHttpHint(label, () => whole(argument as Argument)));
      } catch (thrown) {
        if (isAbort(thrown) || !isFiltered(thrown, [cls, callback], this.options.config)) return new Unfiltered(thrown);
        this.failures.set(argument as Argument, thrown);
        throw thrown;
      }
    };
    copyMetadata(callback, outcome, [ENHANCER_KEYS.filter]);
    // Nest stores what it read of a method under its name, so the second pipeline needs a name of its own.
    const pipeline = create(outcome, `${String(name)} (filters)`, false);
    host.seal();
    return pipeline;
  }
}

/** A function that calls the method, with the metadata that guards and interceptors read from the declared method. */
function callbackFor(
  instance: object,
  method: Method,
  declared: Method | undefined,
  enhancers: MethodEnhancers | undefined,
): Method {
  const callback: Method = (...args) => {
    markBegun();
    return method.apply(instance, args);
  };
  Object.defineProperty(callback, 'name', { value: declared?.name ?? method.name });
  const source = declared ?? method;
  copyMetadata(source, callback, Reflect.getMetadataKeys(source) as string[]);
  for (const [kind, key] of Object.entries(ENHANCER_KEYS) as [EnhancerKind, string][]) {
    if (enhancers) Reflect.defineMetadata(key, enhancers[kind], callback);
  }
  return callback;
}

function copyMetadata(from: object, to: object, keys: readonly unknown[]): void {
  for (const key of keys) {
    const value: unknown = Reflect.getMetadata(key, from);
    if (value !== undefined) Reflect.defineMetadata(key, value, to);
  }
}

const isAbort = (thrown: unknown): boolean => thrown instanceof OrraError && thrown.code === 'ORRA_TASK_ABORTED';
