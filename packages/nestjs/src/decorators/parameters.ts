/** Decorators of the parameters of handlers and revert handlers. Nest gets them as custom parameters. */
import { createParamDecorator, type ExecutionContext, type PipeTransform, type Type } from '@nestjs/common';
import type { RevertSource, Task } from '@orra-ts/sdk';
import { nestError } from '../errors';
import { recordParameter, type ParameterKind } from './records';

type Fn = (...args: never[]) => unknown;
type Pipes = readonly (Type<PipeTransform> | PipeTransform)[];
type Call = Task | RevertSource;

/** A parameter decorator that compiles only where the parameter accepts the value. */
type ParameterOf<V, Complaint extends string> = <K extends string, N extends number, T extends Record<K, Fn>>(
  target: T,
  key: K,
  index: N & (V extends Parameters<T[K]>[N] ? N : Complaint),
) => void;

const callOf = (context: ExecutionContext): Call => context.getArgByIndex<Call>(0);

function parameter(
  kind: ParameterKind,
  data: unknown,
  read: (call: Call) => unknown,
  pipes: Pipes = [],
): ParameterDecorator {
  const decorate = createParamDecorator((_: unknown, context: ExecutionContext) => read(callOf(context)));
  return (target, key, index) => {
    if (key === undefined) {
      throw nestError(
        'ORRA_WRONG_PARAMETER',
        `@${kind}() decorates a parameter of a constructor; move it to a parameter of the handler`,
      );
    }
    decorate(undefined, ...pipes)(target, key, index);
    recordParameter(target, key, { kind, index, data });
  };
}

const asField = (input: unknown, field: string): unknown =>
  typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[field] : undefined;

/**
 * The input of the task: validated, and an instance of the class. With a string, one field of it. In a revert handler, the
 * input that its handler got. Pipes apply to this parameter.
 *
 * @param of the class of the input, which the compiler compares with the parameter, or the name of a field
 */
export function TaskInput<I extends object>(
  of: abstract new (...args: never[]) => I,
  ...pipes: Pipes
): ParameterOf<I, 'this parameter does not accept the input'>;
export function TaskInput(of?: string, ...pipes: Pipes): ParameterDecorator;
export function TaskInput(
  of?: string | (abstract new (...args: never[]) => object),
  ...pipes: Pipes
): ParameterDecorator {
  const read = typeof of === 'string' ? (call: Call) => asField(call.input, of) : (call: Call) => call.input;
  return parameter('TaskInput', of, read, pipes);
}

/** @internal The parameter of a handler that takes its input, so that pipes run on it. */
export const implicitInput = createParamDecorator((_: unknown, context: ExecutionContext) => callOf(context).input)();

/** The `Task` of a handler. */
export const CurrentTask = (): ParameterDecorator => parameter('CurrentTask', undefined, (call) => call);

/** The `AbortSignal` of the task or revert: fires on timeout, cancellation and shutdown. */
export const TaskSignal = (): ParameterDecorator => parameter('TaskSignal', undefined, (call) => call.signal);

/** Metadata of the submission, or one entry of it. A revert handler has none, so it is a boot problem there. */
export const TaskMetadata = (name?: string, ...pipes: Pipes): ParameterDecorator =>
  parameter(
    'TaskMetadata',
    name,
    (call) => {
      const { metadata } = call as Task;
      return name === undefined ? metadata : metadata[name];
    },
    pipes,
  );

/** The `RevertSource` of a revert handler. */
export const Reverting = (): ParameterDecorator => parameter('Reverting', undefined, (call) => call);
