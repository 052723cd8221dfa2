/** Codes and messages of the SDK's runtime, and the errors with which user code steers the engine. */
import { OrraError, durationMs, type Duration, type OrraErrorOptions } from '@orra-ts/common';

/** Survives two installed copies of this package, where `instanceof` would not. */
const FAILURE_POLICY = Symbol.for('orra.failure-policy');

/** How the engine should treat a failure. */
export interface FailurePolicy {
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

export interface NonRetryableErrorOptions {
  /** Shown beside the text by engines that take failure details. @default 'ORRA_NON_RETRYABLE' */
  readonly code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Thrown by a handler: this cannot succeed, make no further attempt. The public Go engine cannot be told and retries. */
export class NonRetryableError extends OrraError {
  constructor(message: string, { code = 'ORRA_NON_RETRYABLE', ...options }: NonRetryableErrorOptions = {}) {
    super(code, message, options);
    Object.defineProperty(this, FAILURE_POLICY, { value: { retryable: false } satisfies FailurePolicy });
  }
}

export interface RetryableErrorOptions extends NonRetryableErrorOptions {
  /** The next attempt comes no sooner. @default the engine's back-off */
  readonly retryAfter?: Duration;
}

/** Thrown by a handler: try again, if wanted not before a given time. Any other error is retried too. */
export class RetryableError extends OrraError {
  constructor(message: string, { code = 'ORRA_RETRYABLE', retryAfter, ...options }: RetryableErrorOptions = {}) {
    super(code, message, { ...options, retryable: true });
    const policy: FailurePolicy =
      retryAfter === undefined
        ? { retryable: true }
        : { retryable: true, retryAfterMs: durationMs(retryAfter, 'retryAfter') };
    Object.defineProperty(this, FAILURE_POLICY, { value: policy });
  }
}

/** What the error itself asks for; undefined for all errors but the two above. */
export function failurePolicyOf(thrown: unknown): FailurePolicy | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  return (thrown as { [FAILURE_POLICY]?: FailurePolicy })[FAILURE_POLICY];
}

export type SdkErrorCode =
  /** An option is missing or has a value that cannot be used. */
  | 'ORRA_INVALID_OPTION'
  /** Two services of one app have the same name. */
  | 'ORRA_DUPLICATE_SERVICE'
  /** The engine does not accept the API key. */
  | 'ORRA_WRONG_API_KEY'
  /** What answers at the URL is no Plan Engine. */
  | 'ORRA_NO_PLAN_ENGINE'
  /** The engine refused to register a service or a plan. */
  | 'ORRA_REGISTRATION_REFUSED'
  /** The engine was not reached within `startTimeout`. */
  | 'ORRA_START_TIMEOUT'
  /** The app was closed, or not started yet. */
  | 'ORRA_APP_CLOSED'
  | 'ORRA_APP_NOT_STARTED'
  /** An identity file cannot be read or written, or another process uses it. */
  | 'ORRA_IDENTITY_DAMAGED'
  | 'ORRA_IDENTITY_NOT_SAVED'
  | 'ORRA_IDENTITY_IN_USE'
  /** A journal file cannot be read or written. */
  | 'ORRA_JOURNAL_DAMAGED'
  /** The resolver cannot make an instance. */
  | 'ORRA_NO_INSTANCE'
  /** `currentTask()` outside of a handler. */
  | 'ORRA_NO_CURRENT_TASK'
  /** Failures of a task, as the engine sees them. */
  | 'ORRA_HANDLER_FAILED'
  | 'ORRA_INVALID_INPUT'
  | 'ORRA_INVALID_OUTPUT'
  | 'ORRA_OUTCOME_TOO_LARGE'
  | 'ORRA_INTERRUPTED'
  | 'ORRA_REVERT_FAILED'
  | 'ORRA_NO_REVERT_HANDLER';

/** The SDK's own errors: the codes above and nothing else. */
export const sdkError = (code: SdkErrorCode, message: string, options?: OrraErrorOptions): OrraError =>
  new OrraError(code, message, options);

export const invalidOption = (option: string, problem: string): OrraError =>
  sdkError('ORRA_INVALID_OPTION', `option \`${option}\`: ${problem}`, { details: { option } });
