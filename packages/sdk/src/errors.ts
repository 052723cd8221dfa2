/** Error registry of the SDK, its message builders, and the errors with which handlers control retries. */
import { COMMON_ERRORS, OrraError, defineErrors, durationMs, errorBuilder, type Duration } from '@orra-ts/common';

export const SDK_ERRORS = defineErrors({
  ...COMMON_ERRORS,
  ORRA_BOOT_FAILED: {
    cause: 'The services of the application have problems, found before the first network call.',
    remedy: 'Fix each problem in the list; every one names its class, method, field and fix.',
  },
  ORRA_MISSING_PEER: {
    cause: 'A class is used as input or output, and class-validator or class-transformer is not installed.',
    remedy: 'Install the package that the message names, or use another kind of schema.',
  },
  ORRA_UNSUPPORTED_DECORATOR: {
    cause: 'A compiler has emitted standard (TC39) decorators, as TypeScript and esbuild do by default.',
    remedy:
      'Set `experimentalDecorators` in `tsconfig.json`, or `legacyDecorator` in the settings of swc. `defineService` needs no decorators.',
  },
  ORRA_REGISTRATION_REFUSED: {
    cause: 'The engine rejects the registration of a service or a plan.',
    remedy: 'Correct what the message of the engine names.',
  },
  ORRA_START_TIMEOUT: {
    cause: 'The services did not connect to the engine within `startTimeout`.',
    remedy: 'Check that the engine runs at the URL (option `engine.url`, environment variable `ORRA_URL`).',
    retryable: true,
  },
  ORRA_APP_CLOSED: {
    cause: 'The application has been closed.',
    remedy: 'Create a new application with `OrraFactory.create`.',
  },
  ORRA_APP_NOT_STARTED: {
    cause: '`app.orra` was read before an engine that starts with the application had started.',
    remedy: 'Await `app.start()` first.',
  },
  ORRA_IDENTITY_DAMAGED: {
    cause: 'The file with the ids of the services cannot be read.',
    remedy: 'Restore it from a backup, or delete it; the services are then registered again with new ids.',
  },
  ORRA_IDENTITY_WRITE_FAILED: {
    cause: 'The file with the ids of the services cannot be written.',
    remedy:
      'Make its folder writable, or choose another one (option `identity`, environment variable `ORRA_DATA_DIR`).',
  },
  ORRA_IDENTITY_IN_USE: {
    cause: 'Another running process uses the same identity file.',
    remedy:
      'Stop that process, or give each replica its own identity (`identity.directory`, `ORRA_DATA_DIR`, `ORRA_SERVICE_ID`).',
  },
  ORRA_JOURNAL_DAMAGED: {
    cause: 'The journal folder of the application cannot be read or written.',
    remedy:
      'Make the folder readable and writable, or choose another one (option `journal.directory`, environment variable `ORRA_DATA_DIR`).',
  },
  ORRA_MISSING_INSTANCE: {
    cause: 'The resolver or factory of a class threw an error or did not return an instance.',
    remedy: 'Register the class in your container, or list the service with `useFactory` or `useValue`.',
  },
  ORRA_MISSING_METHOD: {
    cause: 'The instance of a class no longer has the method of a handler or revert handler.',
    remedy: 'Do not remove or replace the methods of the instance that the message names.',
    wire: 'task failure',
  },
  ORRA_MISSING_CURRENT_TASK: {
    cause: '`currentTask()` was called outside of a handler.',
    remedy: 'Call it within a handler only, or check `hasCurrentTask()` first.',
  },
  ORRA_TASK_ABORTED: {
    cause: '`task.abort()` throws this error to leave the handler. The abort is already final.',
    remedy: 'Do not catch it; catching it changes nothing.',
  },
  ORRA_HANDLER_FAILED: {
    cause: 'A handler threw an error that has no code.',
    remedy: 'See the message and the log of the service. The engine retries the task.',
    retryable: true,
    wire: 'task failure',
  },
  ORRA_NON_RETRYABLE: {
    cause: 'A handler threw a `NonRetryableError` without a code.',
    remedy: 'See the message. The engine makes no further attempt.',
    wire: 'task failure',
  },
  ORRA_RETRYABLE: {
    cause: 'A handler threw a `RetryableError` without a code.',
    remedy: 'See the message. The engine retries the task.',
    retryable: true,
    wire: 'task failure',
  },
  ORRA_INVALID_INPUT: {
    cause: 'The input of a task violates the input schema of its handler.',
    remedy: 'Correct the submitted data or the plan; the message lists every violation.',
    wire: 'task failure',
  },
  ORRA_INVALID_OUTPUT: {
    cause: 'The output of a handler violates its output schema, or has no JSON form.',
    remedy: 'Correct the handler or its output schema; the message lists every violation.',
    wire: 'task failure',
  },
  ORRA_OUTCOME_TOO_LARGE: {
    cause: 'The message with the outcome of a task is larger than the engine accepts.',
    remedy: 'Return less, such as an id or a location, or raise `maxMessageBytes` of the engine.',
    wire: 'task failure',
  },
  ORRA_REVERT_FAILED: {
    cause: 'A revert handler threw an error that has no code, or returned `CompensationResult.failed`.',
    remedy: 'See the message. Failed compensations are listed by `compensationFailures.list()`.',
    retryable: 'sometimes',
    wire: 'task failure',
  },
});

export type SdkErrorCode = keyof typeof SDK_ERRORS;

export const sdkError = errorBuilder(SDK_ERRORS);

export const invalidOption = (option: string, problem: string): OrraError =>
  sdkError('ORRA_INVALID_OPTION', `option \`${option}\`: ${problem}`, { details: { option } });

export const missingOption = (option: string, environment: string, message: string): OrraError =>
  sdkError('ORRA_MISSING_OPTION', message, { details: { option, environment } });

/** Creates the error for an invalid plan in code, which `definePlan` throws. */
export const planError = (message: string, fix: string): OrraError =>
  sdkError('ORRA_INVALID_PLAN', `${message}; ${fix}`);

/** Works with two installed copies of this package, unlike `instanceof`. */
const FAILURE_POLICY = Symbol.for('orra.failure-policy');

/** Determines whether and when the engine retries a failed attempt. */
export interface FailurePolicy {
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

export interface NonRetryableErrorOptions {
  /** Reported beside the message to engines that accept failure details. @default 'ORRA_NON_RETRYABLE' */
  readonly code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * Thrown by a handler whose task cannot succeed: the engine makes no further attempt. The Go engine retries it anyway.
 */
export class NonRetryableError extends OrraError {
  constructor(message: string, { code = 'ORRA_NON_RETRYABLE', ...options }: NonRetryableErrorOptions = {}) {
    super(code, message, options);
    Object.defineProperty(this, FAILURE_POLICY, { value: { retryable: false } satisfies FailurePolicy });
  }
}

export interface RetryableErrorOptions extends NonRetryableErrorOptions {
  /** Minimum time before the next attempt. @default the engine's back-off */
  readonly retryAfter?: Duration;
}

/** Thrown by a handler to have its task retried, optionally after a minimum time. Other errors are retried too. */
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

/** The policy that the error itself sets; undefined for all errors except the two above. */
export function failurePolicyOf(thrown: unknown): FailurePolicy | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  try {
    return (thrown as { [FAILURE_POLICY]?: FailurePolicy })[FAILURE_POLICY];
  } catch {
    // A value that throws on every access, such as a revoked proxy, sets no policy.
    return undefined;
  }
}
