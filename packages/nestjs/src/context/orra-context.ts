/**
 * The context that guards, interceptors, pipes and filters see when they run on a handler or a revert handler. Nest's type
 * of it is `orra`; its first argument is the `Task`, or the `RevertSource` of a revert handler.
 */
import type { ArgumentsHost, ExecutionContext, Type } from '@nestjs/common';
import { RevertSource, Task } from '@orra-ts/sdk';
import { nestError } from '../errors';

export const ORRA_CONTEXT = 'orra';

/** True where an enhancer runs on a handler or a revert handler, not on an HTTP request. */
export const isOrraContext = (host: ArgumentsHost): boolean => host.getType<string>() === ORRA_CONTEXT;

/**
 * True for what a `ContextIdStrategy` and a request-scoped provider get in place of a request: the `Task` of a handler, or
 * the `RevertSource` of a revert handler.
 *
 * @example
 * attach(contextId: ContextId, request: Request | Task) {
 *   const tenant = isOrraTask(request) ? request.metadata['tenant'] : request.headers['x-tenant'];
 */
export const isOrraTask = (request: unknown): request is Task | RevertSource =>
  request instanceof Task || request instanceof RevertSource;

/** Typed access to an Orra context, as `HttpArgumentsHost` is for HTTP. */
export class OrraExecutionContext {
  private constructor(
    private readonly call: Task | RevertSource,
    private readonly context: ArgumentsHost,
  ) {}

  /** @throws OrraError `ORRA_NOT_AN_ORRA_CONTEXT`; check `isOrraContext(context)` first */
  static of(context: ArgumentsHost): OrraExecutionContext {
    const call = context.getArgByIndex<unknown>(0);
    if (isOrraContext(context) && isOrraTask(call)) return new OrraExecutionContext(call, context);
    throw nestError(
      'ORRA_NOT_AN_ORRA_CONTEXT',
      `OrraExecutionContext.of: the context is of type ${context.getType<string>()}, not of an Orra handler; check isOrraContext(context) first`,
    );
  }

  /** The task of a handler; undefined in a revert handler. */
  get task(): Task | undefined {
    return this.call instanceof Task ? this.call : undefined;
  }

  /** The source of a revert handler; undefined in a handler. */
  get reverting(): RevertSource | undefined {
    return this.call instanceof RevertSource ? this.call : undefined;
  }

  /** The class of the service. */
  get service(): Type | undefined {
    return 'getClass' in this.context ? (this.context as ExecutionContext).getClass() : undefined;
  }

  /** Metadata of the submission, such as the tenant; empty in a revert handler, and on an engine without metadata. */
  get metadata(): Readonly<Record<string, string>> {
    return this.task?.metadata ?? {};
  }

  /** Number of the attempt, starting at 1. */
  get attempt(): number {
    return this.call.attempt;
  }

  get signal(): AbortSignal {
    return this.call.signal;
  }
}
