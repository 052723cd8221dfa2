import type { Duration } from '@orra-ts/common';
import type { InferOutput, InferInput, Schema } from '../schema';
import type { Task } from '../task';
import { recordHandler, type UnknownFields, type ValidationMode } from '../metadata/records';
import type { Demand, FirstParameter, Method, OutputOf } from './types';

export type Takes = 'task' | 'input';

export interface HandlerOptions<I extends Schema, O extends Schema, T extends Takes = 'task'> {
  /** What the handler takes. Explicit, because `Task<T>` and `Promise<T>` leave nothing behind at run time. */
  input: I;
  output: O;
  /** `task`: the method is called with the `Task`; `input`: with the input itself. @default 'task' */
  takes?: T;
  /** Needed where a class has several handlers; the service is then called `<class name>.<handler name>`. */
  name?: string;
  /** What this handler does, for the planner. @default the description of the class */
  description?: string;
  /** Longest run of one attempt. @default the engine's, 30 s */
  timeout?: Duration;
  /** Runs at the same time in this process, at least 1. @default not limited */
  concurrency?: number;
  /** What becomes of a task that was running when the process died. @default 'rerun' */
  onCrash?: 'rerun' | 'fail';
  /** Members of the input which its schema does not know. @default 'strip' */
  unknownFields?: UnknownFields;
  /** @default 'full' */
  validation?: ValidationMode;
}

/**
 * Makes a method the handler of a service. The compiler checks that it takes what `input` makes and returns what
 * `output` wants.
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
    Demand<
      (T extends 'input' ? InferOutput<I> : Task<InferOutput<I>>) extends FirstParameter<M> ? true : false,
      'the method must accept the declared input'
    > &
    Demand<OutputOf<M> extends InferInput<O> ? true : false, 'the method must return the declared output'>,
) => void {
  return (target, key) => recordHandler(target, { ...options, method: key });
}
