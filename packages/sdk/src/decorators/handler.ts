import type { Duration } from '@orra-ts/common';
import type { InferOutput, InferInput, Schema, SchemaSource } from '../schema';
import type { Task } from '../task';
import { recordHandler, type UnknownFields, type ValidationMode } from '../metadata/records';
import { requireLegacy } from './require-legacy';
import type { Demand, FirstParameter, Method, OutputOf, TakesTask } from './types';

export type Takes = 'task' | 'input';

export interface HandlerOptions<I extends Schema, O extends Schema, T extends Takes = 'task'> {
  /** Input of the handler. Explicit, because `Task<T>` and `Promise<T>` have no type at run time. */
  input: SchemaSource<I>;
  output: SchemaSource<O>;
  /** Argument of the method: the `Task`, or only its input. @default 'task' */
  takes?: T;
  /** Required if a class has several handlers. The service is then called `<class name>.<handler name>`. */
  name?: string;
  /** Describes the handler for the planner. @default the description of the class */
  description?: string;
  /** Timeout of one attempt. @default the engine's, 30 s */
  timeout?: Duration;
  /** Maximum concurrent runs of this handler in this process (>= 1). @default no limit */
  concurrency?: number;
  /** Decides about a task whose `interrupted` is set: run it again, or fail with an unknown effect. @default 'rerun' */
  onCrash?: 'rerun' | 'fail';
  /**
   * Decides about members that are not declared: of the input, and of the output if that is a class. A JSON Schema and a
   * Standard Schema decide about outputs themselves. @default 'strip'
   */
  unknownFields?: UnknownFields;
  /** @default 'full' */
  validation?: ValidationMode;
}

/**
 * Makes a method the handler of a service. The compiler checks the parameter of the method against `input`, and its
 * result against `output`.
 *
 * @example
 * `@Handler({ input: ReserveInput, output: ReserveOutput, timeout: '30s' })`
 */
export function Handler<I extends Schema, O extends Schema, const T extends Takes = 'task'>(
  options: HandlerOptions<I, O, T>,
): <M extends Method>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M> &
    TakesTask<T, M> &
    Demand<
      (T extends 'input' ? InferOutput<I> : Task<InferOutput<I>>) extends FirstParameter<M> ? true : false,
      'the method must accept the declared input'
    > &
    Demand<OutputOf<M> extends InferInput<O> ? true : false, 'the method must return the declared output'>,
) => void {
  return (target, key) => {
    requireLegacy('@Handler', key);
    recordHandler(target, { ...options, method: key });
  };
}
