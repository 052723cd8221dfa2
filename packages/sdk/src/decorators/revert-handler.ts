import type { Duration } from '@orra-ts/common';
import type { CompensationResult, RevertSource } from '../task';
import { recordRevert, type OutcomeWithoutOutput } from '../metadata/records';
import { requireLegacy } from './require-legacy';
import type { Demand, FirstParameter, InputOf, Method, OutputOf } from './types';

export interface RevertOptions<A extends OutcomeWithoutOutput = never> {
  /** Time after its completion in which a task can be reverted. @default '24h' */
  revertibleFor?: Duration;
  /**
   * Also reverts tasks that failed, or whose outcome is unknown. Their `output` is undefined; `source.outcome` and
   * `source.taskKey` tell what to undo. The Go engine does not support this. @default neither: an operator is notified
   */
  also?: readonly A[];
}

export type RevertResult<M extends Method> = Demand<
  // `void` stands for a method without a return.
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type
  OutputOf<M> extends CompensationResult | void ? true : false,
  'a revert returns a CompensationResult or nothing'
>;

export type RevertOf<K extends string, A> = <T extends Record<K, Method>, M extends Method>(
  target: T,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M> &
    Demand<
      RevertSource<InputOf<T[K]>, OutputOf<T[K]> | ([A] extends [never] ? never : undefined)> extends FirstParameter<M>
        ? true
        : false,
      'the revert must accept the input and output of its handler'
    > &
    RevertResult<M>,
) => void;

/** The handler is resolved at boot, so only the result can be checked here. */
export type RevertOfOnlyHandler = <M extends Method>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M> & RevertResult<M>,
) => void;

/**
 * Makes a method the revert handler of a handler, whose service is then revertible. Without an argument, it belongs to
 * the only handler of the class.
 *
 * @param of name of the handler's method
 * @example
 * `@RevertHandler('reserve', { revertibleFor: '24h' })`
 */
export function RevertHandler(): RevertOfOnlyHandler;
export function RevertHandler<const K extends string, A extends OutcomeWithoutOutput = never>(
  of: K,
  options?: RevertOptions<A>,
): RevertOf<K, A>;
export function RevertHandler<A extends OutcomeWithoutOutput>(
  of?: string,
  options: RevertOptions<A> = {},
): RevertOf<string, A> {
  return (target, key) => {
    requireLegacy('@RevertHandler', key);
    recordRevert(target, { ...options, of, method: key });
  };
}
