/** Where instances of service classes come from. The SDK contains no DI container: this is where one is plugged in. */
import { sdkError } from '../errors';
import type { ClassType } from '../schema';

export interface ResolveContext {
  /** Such as `InventoryService.reserve`, of the first handler of the class. */
  readonly label: string;
}

export interface InstanceResolver {
  /** Asked once per class at start. May answer with a promise. */
  get(cls: ClassType, context?: ResolveContext): object | Promise<object>;
  /** The app has drained and does not use it any longer. */
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
    // `ClassType` is abstract so that any class can be named; a decorated one is not.
    return new (cls as unknown as new () => object)();
  },
};
