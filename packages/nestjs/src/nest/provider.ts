/** A provider or controller as Nest's container has it, and what this package asks about it. */
import type { Type } from '@nestjs/common';
import { ModuleRef, type DiscoveryService } from '@nestjs/core';
import { isOrraService, type ClassType } from '@orra-ts/sdk';
import type { InstanceMethod } from '@orra-ts/sdk/internal';

/** Nest does not export the type. */
export type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

export type NestModule = NonNullable<Wrapper['host']>;

export interface ServiceProvider {
  readonly wrapper: Wrapper;
  /** The decorated class: of the instance, or of the token where the instance is a double. */
  readonly cls: Type;
  /** Name of the module, for messages. */
  readonly module: string;
  /** Resolves and creates providers in the scope of the module. */
  readonly moduleRef: ModuleRef;
  /** True if Nest finds class-level enhancers of the provider itself: it created the instance from the class, under its own token. */
  readonly isPlainClass: boolean;
  /** `static`: one instance; `transient`: one instance of its own; `task`: one for each task, or for each tenant. */
  readonly scope: 'static' | 'transient' | 'task';
}

/** The provider as a service; undefined if it is none, or is an alias of another provider. */
export function asServiceProvider(wrapper: Wrapper): ServiceProvider | undefined {
  if (wrapper.isAlias) return undefined;
  const cls = decoratedClass(wrapper);
  const { host } = wrapper;
  if (!cls || !host) return undefined;
  return {
    wrapper,
    cls,
    module: host.name,
    moduleRef: moduleRefOf(host),
    isPlainClass: isFromClass(wrapper) && wrapper.token === wrapper.metatype && wrapper.metatype === cls,
    scope: !wrapper.isDependencyTreeStatic() ? 'task' : wrapper.isTransient ? 'transient' : 'static',
  };
}

export const moduleRefOf = (module: NestModule): ModuleRef => module.getProviderByKey<ModuleRef>(ModuleRef).instance;

/** A method that every instance of the provider must have. */
export const expectedMethod = ({ cls, wrapper, module }: ServiceProvider, method: string | symbol): InstanceMethod => ({
  method,
  label: `${cls.name}.${String(method)}`,
  className: cls.name,
  origin: `provider ${describeToken(wrapper)} of ${module}`,
});

/** The token for messages. */
export const describeToken = ({ token }: Wrapper): string => (typeof token === 'function' ? token.name : String(token));

const isFromClass = ({ metatype, inject }: Wrapper): boolean => !!metatype && !inject;

function decoratedClass(wrapper: Wrapper): Type | undefined {
  const { token } = wrapper;
  // A provider by value or factory has no class in Nest; the class of a request-scoped instance is not known yet.
  const instance = wrapper.isDependencyTreeStatic() ? (wrapper.instance as unknown) : undefined;
  const made: unknown = isFromClass(wrapper)
    ? wrapper.metatype
    : (instance as { constructor?: unknown } | null | undefined)?.constructor;
  return [made, token].find((candidate): candidate is Type => isClassType(candidate) && isOrraService(candidate));
}

const isClassType = (value: unknown): value is ClassType => typeof value === 'function';
