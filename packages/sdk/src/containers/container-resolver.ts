/** What the resolvers of all containers share: the scope of a class, and one child container per task. */
import { describeThrown } from '@orra-ts/common';
import { invalidOption, sdkError } from '../errors';
import type { InstanceResolver, InstanceScope, ResolveContext } from '../resolver/instance-resolver';
import type { ClassType } from '../schema';
import type { RevertSource, Task } from '../task';

export interface ContainerResolverOptions<Child> {
  /**
   * `application`: one instance per class, resolved at start. `task`: each run of a handler or revert has a child container,
   * which is released after the run. A function decides per class.
   *
   * @default 'application'
   */
  readonly scope?: InstanceScope | ((cls: ClassType) => InstanceScope);
  /** Registers values of a run, such as its tenant, in its child container before the instance is resolved. */
  readonly prepare?: (child: Child, task: Task | RevertSource) => void | Promise<void>;
}

/** How a library does it. */
export interface ContainerLibrary<Child> {
  resolve(cls: ClassType): object | Promise<object>;
  createChild(): Child;
  resolveIn(child: Child, cls: ClassType): object | Promise<object>;
  /** Disposes what the child has created, and nothing of its parent. */
  release(child: Child): void | Promise<void>;
  readonly taskScopeWarning?: string;
}

/** @throws OrraError `ORRA_INVALID_OPTION` if `prepare` would never be called */
export function containerResolver<Child>(
  library: ContainerLibrary<Child>,
  { scope = 'application', prepare }: ContainerResolverOptions<Child>,
): InstanceResolver {
  if (prepare && scope === 'application') {
    throw invalidOption('prepare', "is called only for classes with an instance per task; set scope: 'task'");
  }
  return new ContainerResolver(library, scope, prepare);
}

class ContainerResolver<Child> implements InstanceResolver {
  /** By run, because a container may provide the same instance to several runs. */
  private readonly children = new WeakMap<Task | RevertSource, Child>();

  constructor(
    private readonly library: ContainerLibrary<Child>,
    private readonly scopes: InstanceScope | ((cls: ClassType) => InstanceScope),
    private readonly prepare: ContainerResolverOptions<Child>['prepare'],
  ) {}

  get taskScopeWarning(): string | undefined {
    return this.library.taskScopeWarning;
  }

  scope(cls: ClassType): InstanceScope {
    return typeof this.scopes === 'function' ? this.scopes(cls) : this.scopes;
  }

  get(cls: ClassType, context?: ResolveContext): object | Promise<object> {
    return context?.task ? this.getInChild(cls, context.task, context.label) : this.library.resolve(cls);
  }

  async release(_: object, context?: ResolveContext): Promise<void> {
    const child = context?.task && this.children.get(context.task);
    // An instance per application belongs to the container, which the application disposes.
    if (child !== undefined) await this.library.release(child);
  }

  private async getInChild(cls: ClassType, task: Task | RevertSource, label: string): Promise<object> {
    const child = this.library.createChild();
    try {
      await this.prepare?.(child, task);
      const instance = await this.library.resolveIn(child, cls);
      this.children.set(task, child);
      return instance;
    } catch (error) {
      await this.discard(child, error, label);
      throw error;
    }
  }

  /** @throws OrraError `ORRA_MISSING_INSTANCE` with both errors if the child cannot be released either */
  private async discard(child: Child, cause: unknown, label: string): Promise<void> {
    try {
      await this.library.release(child);
    } catch (error) {
      throw sdkError(
        'ORRA_MISSING_INSTANCE',
        `${label}: ${describeThrown(cause)}; then its child container was not released: ${describeThrown(error)}; check the providers of its class`,
        { cause },
      );
    }
  }
}
