/** The object that Nest's context creator gets in place of an instance whose enhancers Nest does not find. */
import type { Type } from '@nestjs/common';
import type { MethodEnhancers } from './enhancers';
import { ENHANCER_KEYS, PARAMETERS_KEY } from '../nest/metadata';

export interface CallHost {
  /** Passed to Nest as the instance. Calls on it reach the real instance. */
  readonly object: object;
  /** From now on, enhancers see the class of the service in `context.getClass()`. */
  seal(): void;
}

/**
 * Nest reads class-level enhancers and the pipes of parameters through the constructor of the instance. For this object
 * that is a subclass without enhancers, because they are on the callback; other metadata is inherited.
 */
export function hostWith(
  instance: object,
  cls: Type,
  method: string | symbol,
  { parameters }: MethodEnhancers,
): CallHost {
  const bare = class extends (cls as Type<object>) {};
  Object.defineProperty(bare, 'name', { value: cls.name });
  for (const key of Object.values(ENHANCER_KEYS)) Reflect.defineMetadata(key, [], bare);
  if (parameters) Reflect.defineMetadata(PARAMETERS_KEY, parameters, bare, method);
  let constructor: Type = bare;
  const object = Object.create(instance, { constructor: { get: () => constructor } }) as object;
  return { object, seal: () => (constructor = cls) };
}
