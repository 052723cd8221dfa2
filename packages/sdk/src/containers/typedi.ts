/** typedi 0.10. */
import type { InstanceResolver } from '../resolver/instance-resolver';
import type { ClassType } from '../schema';
import { containerResolver, type ContainerResolverOptions } from './container-resolver';

/** The part of typedi's `ContainerInstance` that is used. */
export interface TypediScope {
  readonly id: unknown;
  // Identifiers are `never`, so that containers with any type of identifier fit.
  get(identifier: never): unknown;
}

/** The part of typedi's `Container` that is used. */
export interface TypediContainer {
  get(identifier: never): unknown;
  of(id: string): TypediScope;
  reset(id: string): unknown;
}

const WARNING =
  'typedi creates every service that is not global anew for each task; declare pools and other shared services as @Service({ global: true })';

let lastId = 0;

/**
 * Provides instances from typedi's `Container`. With scope `task`, each run has a `Container.of(id)`, which is reset after
 * it: the `destroy` methods of its services run. Only services with `global: true` are shared by tasks.
 *
 * @throws OrraError `ORRA_INVALID_OPTION`
 */
export function typediResolver<C extends TypediContainer>(
  container: C,
  options: ContainerResolverOptions<ReturnType<C['of']>> = {},
): InstanceResolver {
  type Child = ReturnType<C['of']>;
  const resolveIn = (from: Pick<TypediScope, 'get'>, cls: ClassType): object => from.get(cls as never) as object;
  return containerResolver<Child>(
    {
      resolve: (cls) => resolveIn(container, cls),
      createChild: () => container.of(`orra-task-${++lastId}`) as Child,
      resolveIn,
      release: ({ id }) => void container.reset(id as string),
      taskScopeWarning: WARNING,
    },
    options,
  );
}
