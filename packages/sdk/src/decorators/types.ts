/** Types that check annotated methods. */
import type { Task } from '../task';

export type Method = (...args: never[]) => unknown;

/** The first parameter of a method; `unknown` without parameters. */
export type FirstParameter<M extends Method> = M extends (...args: infer A) => unknown
  ? A extends readonly []
    ? unknown
    : A[0]
  : never;

/**
 * `unknown` if `Condition` is true; otherwise an object type that no value has, whose member is the error message.
 * A plain parameter type is not enough: it is bivariant without `strictFunctionTypes`, which `nest new` turns off.
 */
export type Demand<Condition, Complaint extends string> = Condition extends true
  ? unknown
  : { [K in Complaint]: never };

/** True for a `Task` and for no parameter. `pushUpdate` decides: a DTO may look like a task, since both can have an `id`. */
type AcceptsTask<M extends Method> =
  unknown extends FirstParameter<M> ? true : 'pushUpdate' extends keyof FirstParameter<M> ? true : false;

/** Without `takes`, the method gets a `Task`. */
export type TakesTask<T extends string, M extends Method> = Demand<
  T extends 'task' ? AcceptsTask<M> : true,
  "the method gets a Task; add takes: 'input' to @Handler if its parameter is the input"
>;

/** The input of a handler method, which takes a `Task` or the input itself. */
export type InputOf<M> = M extends (task: Task<infer I>, ...rest: never[]) => unknown
  ? I
  : M extends (input: infer I, ...rest: never[]) => unknown
    ? I
    : never;

/** The output of a handler method. */
export type OutputOf<M> = M extends (...args: never[]) => infer R ? Awaited<R> : never;
