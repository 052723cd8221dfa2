/** awilix 12 and 13. */
import type { InstanceResolver } from '../resolver/instance-resolver';
import type { ClassType } from '../schema';
import { containerResolver, type ContainerResolverOptions } from './container-resolver';

/** The part of awilix's `AwilixContainer` that is used. */
export interface AwilixContainer {
  resolve(name: string | symbol): unknown;
  // Classes are `never`, so that containers with any type of class fit.
  build(cls: never): unknown;
  createScope(): AwilixContainer;
  dispose(): Promise<void>;
}

export interface AwilixResolverOptions<Child> extends ContainerResolverOptions<Child> {
  /**
   * Names under which classes are registered; awilix does not find a registration by its class.
   *
   * @default a class without a name is built by `container.build(cls)`, and awilix does not dispose it
   */
  readonly names?: ReadonlyMap<ClassType, string | symbol>;
}

/**
 * Provides instances from an awilix container. With scope `task`, each run has a `createScope()`, which is disposed after
 * it: the disposers of its own scoped registrations run.
 *
 * @throws OrraError `ORRA_INVALID_OPTION`
 */
export function awilixResolver<C extends AwilixContainer>(
  container: C,
  { names, ...options }: AwilixResolverOptions<ReturnType<C['createScope']>> = {},
): InstanceResolver {
  type Child = ReturnType<C['createScope']>;
  const resolveIn = (from: AwilixContainer, cls: ClassType): object => {
    const name = names?.get(cls);
    return (name === undefined ? from.build(cls as never) : from.resolve(name)) as object;
  };
  return containerResolver<Child>(
    {
      resolve: (cls) => resolveIn(container, cls),
      createChild: () => container.createScope() as Child,
      resolveIn,
      release: (child) => child.dispose(),
    },
    options,
  );
}
