/** Types with which decorators check what they annotate. */
import type { Task } from '../task';

export type Method = (...args: never[]) => unknown;

/** The first parameter of a method; `unknown` where it has none. */
export type FirstParameter<M extends Method> = M extends (...args: infer A) => unknown
  ? A extends readonly []
    ? unknown
    : A[0]
  : never;

/**
 * Nothing to object where `Condition` is true, else an object type nobody can give, whose member is the complaint.
 * A plain parameter type would not do: it is compared bivariantly where `strictFunctionTypes` is off, as `nest new` has it.
 */
export type Demand<Condition, Complaint extends string> = Condition extends true
  ? unknown
  : { [K in Complaint]: never };

/** What a handler method takes, whether as `Task` or as the input itself. */
export type InputOf<M> = M extends (task: Task<infer I>, ...rest: never[]) => unknown
  ? I
  : M extends (input: infer I, ...rest: never[]) => unknown
    ? I
    : never;

/** What a handler method returns. */
export type OutputOf<M> = M extends (...args: never[]) => infer R ? Awaited<R> : never;
