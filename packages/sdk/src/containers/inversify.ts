/** inversify 7 and 8. */
import type { InstanceResolver } from '../resolver/instance-resolver';
import type { ClassType } from '../schema';
import { containerResolver, type ContainerResolverOptions } from './container-resolver';

/** The part of inversify's `Container` that is used. */
export interface InversifyContainer {
  // Identifiers are `never`, so that containers with any type of identifier fit.
  getAsync(identifier: never): Promise<unknown>;
  unbindAll(): Promise<void> | void;
  /** inversify 8, where `unbindAll` is synchronous. */
  unbindAllAsync?(): Promise<void>;
}

/**
 * Provides instances from an inversify container. With scope `task`, each run has a `new Container({ parent })`, whose own
 * bindings are removed after it: their deactivations and `@preDestroy` methods run.
 *
 * @throws OrraError `ORRA_INVALID_OPTION`
 */
export function inversifyResolver<C extends InversifyContainer>(
  container: C,
  options: ContainerResolverOptions<C> = {},
): InstanceResolver {
  const Container = container.constructor as new (options: { readonly parent: C }) => C;
  const resolveIn = (from: C, cls: ClassType): Promise<object> => from.getAsync(cls as never) as Promise<object>;
  return containerResolver<C>(
    {
      resolve: (cls) => resolveIn(container, cls),
      createChild: () => new Container({ parent: container }),
      resolveIn,
      release: (child) => (child.unbindAllAsync ? child.unbindAllAsync() : child.unbindAll()),
    },
    options,
  );
}
