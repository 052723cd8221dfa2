/** tsyringe 4. */
import { invalidOption } from '../errors';
import type { InstanceResolver } from '../resolver/instance-resolver';
import type { ClassType } from '../schema';
import { containerResolver, type ContainerResolverOptions } from './container-resolver';

/** The part of tsyringe's `DependencyContainer` that is used. */
export interface TsyringeContainer {
  // Tokens are `never`, so that containers with any type of token fit.
  resolve(token: never): unknown;
  createChildContainer(): TsyringeContainer;
  dispose(): Promise<void> | void;
}

/** Members of tsyringe's containers that its types declare private. */
interface Internals {
  getAllRegistrations(token: unknown): readonly Registration[] | null;
  resolveRegistration(
    registration: Registration,
    context: { readonly scopedResolutions: Map<unknown, unknown> },
  ): unknown;
  resolve(token: unknown, ...rest: unknown[]): unknown;
  resolveAll(token: unknown, ...rest: unknown[]): unknown;
}

interface Registration {
  readonly options: { readonly lifecycle: number };
  readonly instance?: unknown;
}

/** `Lifecycle.Singleton` */
const SINGLETON = 1;

/**
 * Provides instances from a tsyringe container. With scope `task`, each run has a `createChildContainer()`, which is
 * disposed after it. Singletons are created by `container` itself, so that they never depend on one task and stay open.
 *
 * @throws OrraError `ORRA_INVALID_OPTION`
 */
export function tsyringeResolver<C extends TsyringeContainer>(
  container: C,
  options: ContainerResolverOptions<ReturnType<C['createChildContainer']>> = {},
): InstanceResolver {
  type Child = ReturnType<C['createChildContainer']>;
  const resolveIn = (from: TsyringeContainer, cls: ClassType): object => from.resolve(cls as never) as object;
  return containerResolver<Child>(
    {
      resolve: (cls) => resolveIn(container, cls),
      createChild: () => {
        const child = container.createChildContainer() as Child;
        keepSingletonsInRoot(internalsOf(container), internalsOf(child));
        return child;
      },
      resolveIn,
      release: (child) => child.dispose(),
    },
    options,
  );
}

/**
 * A child container of tsyringe creates the missing singletons of its parent itself: with values of its task as
 * dependencies, and it disposes them. So before the child resolves a token, the root creates the singletons behind it.
 */
function keepSingletonsInRoot(root: Internals, child: Internals): void {
  const createSingletons = (token: unknown): void => {
    const inherited = new Set(root.getAllRegistrations(token));
    for (const registration of child.getAllRegistrations(token) ?? []) {
      const isMissing = registration.options.lifecycle === SINGLETON && registration.instance === undefined;
      if (isMissing && inherited.has(registration)) {
        root.resolveRegistration(registration, { scopedResolutions: new Map() });
      }
    }
  };
  for (const name of ['resolve', 'resolveAll'] as const) {
    const original = child[name].bind(child);
    // tsyringe resolves the dependencies of a class through these methods too.
    child[name] = (token, ...rest) => {
      createSingletons(token);
      return original(token, ...rest);
    };
  }
}

function internalsOf(container: TsyringeContainer): Internals {
  const internals = container as unknown as Internals;
  for (const name of ['getAllRegistrations', 'resolveRegistration', 'resolveAll'] as const) {
    if (typeof internals[name] !== 'function') {
      throw invalidOption('resolver', `the tsyringe container has no method ${name}; use tsyringe 4`);
    }
  }
  return internals;
}
