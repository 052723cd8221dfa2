/**
 * Failures that the engine itself finds, without a service that reports them. Callers match on their codes,
 * which the registry of errors contains.
 */
import type { FailureDetails } from '@orra-ts/protocol';

const found = (code: string): FailureDetails => ({ code, retryable: true });

/** An attempt had no outcome within its limit. */
export const TIMED_OUT = found('ORRA_TASK_TIMEOUT');
/** The service remained disconnected, became unavailable too often, or is no longer registered. */
export const SERVICE_UNAVAILABLE = found('ORRA_SERVICE_UNAVAILABLE');
/** The outcome cannot be read, or has no output. */
export const UNREADABLE_OUTCOME = found('ORRA_UNREADABLE_OUTCOME');
/** The process that ran the task crashed. */
export const INTERRUPTED = found('ORRA_INTERRUPTED');
/** The service received the task, and its outcome never arrived. */
export const UNKNOWN_OUTCOME = found('ORRA_UNKNOWN_OUTCOME');
/** The service has no revert handler any more. */
export const NOT_REVERTIBLE = found('ORRA_MISSING_REVERT_HANDLER');
/** The time during which the task can be reverted is over. */
export const REVERT_EXPIRED = found('ORRA_REVERT_EXPIRED');
