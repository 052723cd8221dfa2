/**
 * Reads the meaning of a `task_result`, once it is known whether it belongs to a task or to a revert:
 * `docs/protocol.md#messages`.
 */
import { isJsonObject } from './json';
import { DEFAULT_COMPENSATION_TTL_MS } from './limits';
import type { FailureDetails, TaskResult } from './messages/service-to-engine';

export interface WireFailure {
  readonly kind: 'failed';
  /** Never empty. */
  readonly error: string;
  readonly failure?: FailureDetails;
  /** Set when the attempt may have had an effect: the service said so, or its response cannot be read (E10). */
  readonly effect?: 'unknown';
}

export type TaskOutcome =
  | {
      readonly kind: 'completed';
      readonly output: unknown;
      /** Present when the service sent data for the revert. */
      readonly compensation?: { readonly data: unknown; readonly ttlMs: number };
    }
  | WireFailure;

export type RevertOutcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'partial'; readonly completed: readonly string[]; readonly remaining: readonly string[] }
  /** The service reports that it cannot revert: no further attempt is made. */
  | { readonly kind: 'refused'; readonly status: 'failed' | 'expired'; readonly error: string }
  | WireFailure;

/** Message of a failure without one. */
export const NO_OUTPUT_ERROR =
  'the service responded without `result.task`: a handler must return its output, and a failure needs a non-empty error';

const NO_OUTPUT: FailureDetails = { code: 'ORRA_UNREADABLE_OUTCOME', retryable: true };

function failureOf(message: TaskResult): WireFailure | undefined {
  if (typeof message.error !== 'string' || message.error === '') return undefined;
  const { error, failure } = message;
  if (!failure) return { kind: 'failed', error };
  return failure.effect === 'unknown'
    ? { kind: 'failed', error, failure, effect: 'unknown' }
    : { kind: 'failed', error, failure };
}

/** `error: ""` beside a value is a success; a result without `task` is an ordinary failure. */
export function readTaskOutcome(message: TaskResult): TaskOutcome {
  const failed = failureOf(message);
  if (failed) return failed;
  const { result } = message;
  if (result === null || result['task'] === undefined) {
    return { kind: 'failed', error: NO_OUTPUT_ERROR, failure: NO_OUTPUT, effect: 'unknown' };
  }
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

/** A result without an error is a success, unless its status is `partial`, `failed` or `expired`. */
export function readRevertOutcome(message: TaskResult): RevertOutcome {
  const failed = failureOf(message);
  if (failed) return failed;
  const result = message.result ?? {};
  const status = result['status'];
  if (status === 'partial') {
    const partial = isJsonObject(result['partial']) ? result['partial'] : {};
    return { kind: 'partial', completed: strings(partial['completed']), remaining: strings(partial['remaining']) };
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

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
