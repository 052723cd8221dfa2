import type {
  HandlerOptions as SdkHandlerOptions,
  InferInput,
  InferOutput,
  OutputOf,
  RevertOptions as SdkRevertOptions,
  Schema,
  Takes as SdkTakes,
  Task,
} from '@orra-ts/sdk';
import {
  recordHandler,
  recordRevert,
  type Demand,
  type FirstParameter,
  type Method,
  type RevertOf,
  type RevertOfOnlyHandler,
  type RevertResult,
  type TakesTask,
} from '@orra-ts/sdk/internal';
import { recordMethod, type EnhancerSwitches } from './records';

/** `parameters`: each parameter has a decorator, such as `@TaskInput()` or `@CurrentTask()`. */
export type Takes = SdkTakes | 'parameters';

export interface HandlerOptions<I extends Schema, O extends Schema, T extends Takes = 'task'> extends Omit<
  SdkHandlerOptions<I, O>,
  'takes'
> {
  /** Arguments of the method: the `Task`, only its input, or what the decorators of its parameters say. @default 'task' */
  takes?: T;
  /** Switches for Nest's guards, interceptors and filters on this handler. @default those of `OrraModule.forRoot` */
  enhancers?: EnhancerSwitches;
}

/** What the first parameter must accept. With `parameters`, each decorator checks its own parameter. */
type Given<I extends Schema, T extends Takes> = T extends 'input' ? InferOutput<I> : Task<InferOutput<I>>;

/**
 * Makes a method of a provider the handler of a service. The compiler checks the method against `input` and `output`.
 *
 * @example
 * `@Handler({ input: ReserveInput, output: ReserveOutput, takes: 'parameters' })`
 */
export function Handler<I extends Schema, O extends Schema, const T extends Takes = 'task'>(
  options: HandlerOptions<I, O, T>,
): <M extends Method>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M> &
    TakesTask<T, M> &
    (T extends 'parameters'
      ? unknown
      : Demand<Given<I, T> extends FirstParameter<M> ? true : false, 'the method must accept the declared input'>) &
    Demand<OutputOf<M> extends InferInput<O> ? true : false, 'the method must return the declared output'>,
) => void {
  const { enhancers, ...record } = options;
  return (target, key) => {
    recordHandler(target, { ...record, method: key });
    recordMethod(target, key, { enhancers });
  };
}

type Outcome = 'failed' | 'unknown';

export interface RevertOptions<A extends Outcome = never> extends SdkRevertOptions<A> {
  /** Switches for Nest's guards, interceptors and filters on this revert. @default those of `OrraModule.forRoot` */
  enhancers?: EnhancerSwitches;
}

/** Each parameter has a decorator, which checks it. The compiler checks the result. */
type DecoratedRevert = <M extends Method>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M> & RevertResult<M>,
) => void;

/**
 * Makes a method the revert handler of a handler of the provider. Its argument is the `RevertSource`. Parameters with
 * decorators, such as `@Reverting()` and `@TaskInput()`, get what these say; with several of them, write
 * `takes: 'parameters'`.
 *
 * @param of name of the handler's method; may be omitted if the class has one handler
 * @example
 * `@RevertHandler('reserve', { revertibleFor: '24h' })`
 */
export function RevertHandler(): RevertOfOnlyHandler;
export function RevertHandler<A extends Outcome = never>(
  of: string,
  options: RevertOptions<A> & { readonly takes: 'parameters' },
): DecoratedRevert;
export function RevertHandler<const K extends string, A extends Outcome = never>(
  of: K,
  options?: RevertOptions<A> & { readonly takes?: undefined },
): RevertOf<K, A>;
export function RevertHandler(
  of?: string,
  { enhancers, takes: _, ...options }: RevertOptions<Outcome> & { readonly takes?: 'parameters' } = {},
): RevertOfOnlyHandler {
  return (target, key) => {
    recordRevert(target, { ...options, of, method: key });
    recordMethod(target, key, { enhancers });
  };
}
