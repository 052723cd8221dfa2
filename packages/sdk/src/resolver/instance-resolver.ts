/**
 * The source of instances of service classes. The SDK has no DI container; a resolver connects the one of the
 * application.
 */
import { sdkError } from '../errors';
import type { ClassType } from '../schema';

export interface ResolveContext {
  /** Such as `InventoryService.reserve`, of the first handler of the class. */
  readonly label: string;
}

export interface InstanceResolver {
  /** Called once per class at start. May return a promise. */
  get(cls: ClassType, context?: ResolveContext): object | Promise<object>;
  /** Called when the application has drained and no longer uses the instance. */
  release?(instance: object): void | Promise<void>;
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
