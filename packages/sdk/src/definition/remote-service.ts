/**
 * A service of another application, for plans in code: its name, input and output. This application neither registers
 * nor runs it.
 */
import { nameProblem } from '@orra-ts/protocol';
import type { InferOutput, InferInput, Schema } from '../schema';
import { planError } from '../errors';

export interface RemoteServiceOptions<I extends Schema, O extends Schema> {
  /** Its name on the wire, as the application that runs it has registered it. */
  readonly name: string;
  readonly input: I;
  readonly output: O;
}

/** The result of `remoteService`: a target for the tasks of plans only. */
export interface RemoteService<I = unknown, O = unknown> {
  readonly kind: 'remote-service';
  readonly options: RemoteServiceOptions<Schema, Schema>;
  /** For the compiler only; never set. */
  readonly '~input'?: I;
  readonly '~output'?: O;
}

/**
 * Names a service of another application, so that plans in code can wire it. You must keep its types consistent with
 * that application. The engine checks the plan against the schemas that the other application has registered.
 *
 * @throws OrraError `ORRA_INVALID_PLAN` when the name is not valid, or a schema is missing
 *
 * @example
 * const delivery = remoteService({
 *   name: 'delivery',
 *   input: jsonSchema<{ reservationId: string }>({ type: 'object', properties: { reservationId: { type: 'string' } } }),
 *   output: jsonSchema<{ trackingNumber: string }>({ type: 'object', properties: { trackingNumber: { type: 'string' } } }),
 * });
 */
export function remoteService<I extends Schema, O extends Schema>(
  options: RemoteServiceOptions<I, O>,
): RemoteService<InferInput<I>, InferOutput<O>> {
  const { name } = options;
  const problem = nameProblem(name);
  if (problem !== undefined) {
    throw planError(
      `remoteService(${JSON.stringify(name)}): the name ${problem}`,
      'use the name that the other application registers',
    );
  }
  for (const side of ['input', 'output'] as const) {
    if ((options[side] as unknown) !== undefined) continue;
    throw planError(
      `remoteService("${name}"): its ${side} is undefined`,
      'pass a class or schema; a circular import often makes it undefined',
    );
  }
  return Object.freeze({ kind: 'remote-service' as const, options: Object.freeze({ ...options }) });
}

export const isRemoteService = (value: unknown): value is RemoteService =>
  typeof value === 'object' && value !== null && (value as Partial<RemoteService>).kind === 'remote-service';
