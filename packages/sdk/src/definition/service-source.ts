/** The entries of the option `services`. */
import type { ClassType } from '../schema';
import type { FunctionService } from './define-service';

/** A class whose instance comes from the resolver. */
export type ClassSource = ClassType;

/** A class and its instance. */
export interface ValueSource {
  readonly class: ClassType;
  readonly useValue: object;
}

/** A class and a factory that creates its instance once, at start. */
export interface FactorySource {
  readonly class: ClassType;
  readonly useFactory: () => object | Promise<object>;
}

export type ServiceSource = ClassSource | ValueSource | FactorySource | FunctionService;

/** The class of a source; undefined for a function service. */
export function classOf(source: ServiceSource): ClassType | undefined {
  if (typeof source === 'function') return source;
  return 'class' in source ? source.class : undefined;
}
