/**
 * The source of instances of service classes. The SDK has no DI container; a resolver connects the one of the
 * application.
 */
import { sdkError } from '../errors';
import type { ClassType } from '../schema';
import type { RevertSource, Task } from '../task';

/** `application`: one instance of the class, created at start. `task`: one instance for each run of a handler or revert. */
export type InstanceScope = 'application' | 'task';

export interface ResolveContext {
  /** Such as `InventoryService.reserve`: the called method, or at start the first handler of the class. */
  readonly label: string;
  /** What the instance is for, if the scope of its class is `task`. `release` receives the same object. */
  readonly task?: Task | RevertSource;
}

export interface InstanceResolver {
  /** Called once per class at start; for a class with scope `task`, for each run instead. May return a promise. */
  get(cls: ClassType, context?: ResolveContext): object | Promise<object>;
  /**
   * Called when the instance is no longer used: after its run, before the outcome is sent, or when the application has
   * drained. An error is logged and does not change the outcome.
   */
  release?(instance: object, context?: ResolveContext): void | Promise<void>;
  /** Decides when instances of a class are created. @default 'application' for every class */
  scope?(cls: ClassType): InstanceScope;
  /** Logged as a warning when the application has classes with scope `task`. */
  readonly taskScopeWarning?: string;
}

/** `new cls()`, for classes without constructor parameters. */
export const defaultResolver: InstanceResolver = {
  get(cls) {
    if (cls.length > 0) {
      throw sdkError(
        'ORRA_MISSING_INSTANCE',
        `${cls.name} needs ${cls.length} constructor argument${cls.length === 1 ? '' : 's'}, and the default resolver has none; ` +
          `list it as { class: ${cls.name}, useFactory: () => new ${cls.name}(...) } or { class: ${cls.name}, useValue: instance }, ` +
          'or pass OrraFactory.create a `resolver` that calls your container, such as { get: (cls) => container.resolve(cls) }',
        { details: { class: cls.name, parameters: cls.length } },
      );
    }
    // `ClassType` is abstract so that it includes every class; a decorated class is not abstract.
    return new (cls as unknown as new () => object)();
  },
};
