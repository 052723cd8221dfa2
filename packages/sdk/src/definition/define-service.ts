/** A service without a class. */
import type { Duration } from '@orra-ts/common';
import type { ServiceKind } from '@orra-ts/protocol';
import type { OutcomeWithoutOutput, UnknownFields, ValidationMode } from '../metadata/records';
import type { InferOutput, InferInput, Schema, SchemaSource } from '../schema';
import type { CompensationResult, RevertSource, Task } from '../task';

export interface FunctionServiceOptions<I extends Schema, O extends Schema, A extends OutcomeWithoutOutput = never> {
  /** Name on the wire: 3 to 63 lower-case letters, digits, `-` and `.`. */
  readonly name: string;
  /** @default 'service' */
  readonly kind?: ServiceKind;
  /** Describes the service for the planner. */
  readonly description: string;
  readonly input: SchemaSource<I>;
  readonly output: SchemaSource<O>;
  /** Reverts the effects of the handler, which makes the service revertible. */
  readonly revert?: (
    source: RevertSource<InferOutput<I>, InferOutput<O> | ([A] extends [never] ? never : undefined)>,
    // `void` stands for a function without a return.
    // eslint-disable-next-line @typescript-eslint/no-invalid-void-type
  ) => CompensationResult | void | Promise<CompensationResult | void>;
  /** Time after its completion in which a task can be reverted. @default '24h' */
  readonly revertibleFor?: Duration;
  /** Reverts also tasks that failed, or whose outcome is unknown; as in `@RevertHandler`. @default neither */
  readonly also?: readonly A[];
  /** Maximum duration of one attempt. @default the engine's, 30 s */
  readonly timeout?: Duration;
  /** Maximum concurrent runs of this handler in this process (>= 1). @default no limit */
  readonly concurrency?: number;
  /** Decides about a task whose `interrupted` is set: run it again, or fail with an unknown effect. @default 'rerun' */
  readonly onCrash?: 'rerun' | 'fail';
  /** Decides about members that are not declared, as in `@Handler`. @default 'strip' */
  readonly unknownFields?: UnknownFields;
  /** @default 'full' */
  readonly validation?: ValidationMode;
}

export type FunctionHandler<I extends Schema, O extends Schema> = (
  task: Task<InferOutput<I>>,
) => InferInput<O> | Promise<InferInput<O>>;

/** The result of `defineService`. Use it in `services: [...]`, and for tasks of plans. */
export interface FunctionService<I = unknown, O = unknown> {
  readonly kind: 'function-service';
  readonly options: FunctionServiceOptions<Schema, Schema, OutcomeWithoutOutput>;
  readonly handler: (task: Task) => unknown;
  /** For the compiler only; never set. */
  readonly '~input'?: I;
  readonly '~output'?: O;
}

/**
 * Defines a service as a function.
 *
 * @example
 * const hello = defineService(
 *   { name: 'hello', description: 'Greets', input: HelloInput, output: HelloOutput },
 *   (task) => ({ text: `Hello, ${task.input.name}` }),
 * );
 */
export function defineService<I extends Schema, O extends Schema, const A extends OutcomeWithoutOutput = never>(
  options: FunctionServiceOptions<I, O, A>,
  handler: FunctionHandler<I, O>,
): FunctionService<InferInput<I>, InferOutput<O>> {
  return Object.freeze({
    kind: 'function-service' as const,
    options: Object.freeze({ ...options }) as unknown as FunctionServiceOptions<Schema, Schema, OutcomeWithoutOutput>,
    handler: handler as (task: Task) => unknown,
  });
}

export const isFunctionService = (value: unknown): value is FunctionService =>
  typeof value === 'object' && value !== null && (value as Partial<FunctionService>).kind === 'function-service';
