/** Reads what a `task_result` says, once it is known whether it answers a task or a revert. Protocol page, section 3.5. */
import { isJsonObject } from './json';
import { DEFAULT_COMPENSATION_TTL_MS } from './limits';
import type { FailureDetails, TaskResult } from './messages/service-to-engine';

export interface WireFailure {
  readonly kind: 'failed';
  /** Never empty. */
  readonly error: string;
  readonly failure?: FailureDetails;
}

export type TaskOutcome =
  | {
      readonly kind: 'completed';
      readonly output: unknown;
      /** Present when the service sent something to revert with. */
      readonly compensation?: { readonly data: unknown; readonly ttlMs: number };
    }
  | WireFailure;

export type RevertOutcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'partial'; readonly completed: readonly string[]; readonly remaining: readonly string[] }
  /** The service reports that it cannot: no further attempt is made. */
  | { readonly kind: 'refused'; readonly status: 'failed' | 'expired'; readonly error: string }
  | WireFailure;

/** Text of a failure whose sender gave none. */
export const NO_OUTPUT_ERROR =
  'the service answered without a `result.task`: a handler must return its output, and a failure needs a non-empty error text';

function failureOf(message: TaskResult): WireFailure | undefined {
  if (typeof message.error !== 'string' || message.error === '') return undefined;
  return message.failure
    ? { kind: 'failed', error: message.error, failure: message.failure }
    : { kind: 'failed', error: message.error };
}

/** `error: ""` beside a value is a success, and a result without `task` an ordinary failure (section 14). */
export function readTaskOutcome(message: TaskResult): TaskOutcome {
  const failed = failureOf(message);
  if (failed) return failed;
  const { result } = message;
  if (result === null || result['task'] === undefined) return { kind: 'failed', error: NO_OUTPUT_ERROR };
  const { compensation } = result;
  if (!isJsonObject(compensation)) return { kind: 'completed', output: result['task'] };
  const ttl = compensation['ttl'];
  return {
    kind: 'completed',
    output: result['task'],
    compensation: {
      data: compensation['data'] ?? null,
      ttlMs: typeof ttl === 'number' && ttl > 0 ? ttl : DEFAULT_COMPENSATION_TTL_MS,
    },
  };
}

/** Without an error it is a success whatever else it holds, except a status `partial`, `failed` or `expired`. */
export function readRevertOutcome(message: TaskResult): RevertOutcome {
  const failed = failureOf(message);
  if (failed) return failed;
  const result = message.result ?? {};
  const status = result['status'];
  if (status === 'partial') {
    const partial = isJsonObject(result['partial']) ? result['partial'] : {};
    return { kind: 'partial', completed: texts(partial['completed']), remaining: texts(partial['remaining']) };
  }
  if (status === 'failed' || status === 'expired') {
    const error = result['error'];
    return {
      kind: 'refused',
      status,
      error: typeof error === 'string' && error !== '' ? error : `the service reported the compensation as ${status}`,
    };
  }
  return { kind: 'completed' };
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
