/** The entries of the option `services`. */
import type { HandlerRecord } from '../metadata/records';
import type { ClassType } from '../schema';
import type { RevertSource, Task } from '../task';
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

/** A call of an annotated method: a handler with its task, or a revert handler with its source. */
export type MethodCall =
  | {
      readonly kind: 'handler';
      readonly method: string | symbol;
      readonly takes: NonNullable<HandlerRecord['takes']>;
      readonly argument: Task;
    }
  | { readonly kind: 'revert'; readonly method: string | symbol; readonly argument: RevertSource };

/** Provides the instance for a call, and calls the method in its own way. Returns what the method returns. */
export type MethodCaller = (call: MethodCall) => unknown;

/** A class whose instances and calls another framework provides. */
export interface DelegatedSource {
  readonly class: ClassType;
  readonly call: MethodCaller;
  /** True if handlers may have `takes: 'parameters'`, because `call` reads the decorators of parameters. @default false */
  readonly takesParameters?: boolean;
}

export type ServiceSource = ClassSource | ValueSource | FactorySource | DelegatedSource | FunctionService;

/** The class of a source; undefined for a function service. */
export function classOf(source: ServiceSource): ClassType | undefined {
  if (typeof source === 'function') return source;
  return 'class' in source ? source.class : undefined;
}

export const isDelegated = (source: ServiceSource): source is DelegatedSource =>
  typeof source === 'object' && 'call' in source && 'class' in source;

/** Where an instance comes from, for messages; undefined for a source without an instance here. */
export function originOf(source: ServiceSource): string | undefined {
  if (typeof source === 'function') return 'the resolver';
  if ('useValue' in source) return 'useValue';
  return 'useFactory' in source ? 'useFactory' : undefined;
}
