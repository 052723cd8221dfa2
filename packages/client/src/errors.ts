/** Error registry of the client, and one class per code. No message contains the API key. */
import { COMMON_ERRORS, OrraError, type OrraErrorOptions, defineErrors, errorBuilder } from '@orra-ts/common';
import type { PlanProblemView } from '@orra-ts/protocol';

export const CLIENT_ERRORS = defineErrors({
  ...COMMON_ERRORS,
  ORRA_UNKNOWN_ORCHESTRATION: {
    cause: 'The project of the API key has no orchestration with this id.',
    remedy: 'Check the id, and that the API key belongs to the project that submitted it.',
  },
  ORRA_UNKNOWN_COMPENSATION_FAILURE: {
    cause: 'The engine has no failed compensation with this id.',
    remedy: 'Take the id from `compensationFailures.list()` or `orra comp-fail ls --all`.',
  },
  ORRA_UNKNOWN_PLAN: {
    cause: 'The project has never had a plan with this name.',
    remedy: 'Take the name from `plans.list()` or `orra plans ls`.',
  },
  ORRA_INVALID_REQUEST: {
    cause: 'The request is invalid. The client found this before sending it, or the engine rejected it.',
    remedy:
      'Correct what the message names. `details.param` and `details.problems` name the member where they are known.',
  },
  ORRA_NOT_SUPPORTED: {
    cause: 'The engine has no such route, or ignored what the request asked for.',
    remedy: 'Use an engine that supports it, or do without. The Go engine does not support our additions.',
  },
  ORRA_ENGINE_ERROR: {
    cause: 'The engine could not process a valid request.',
    remedy: 'Retry if `retryable` is true. Otherwise read the log of the engine.',
    retryable: 'sometimes',
  },
  ORRA_RESULT_TIMEOUT: {
    cause: 'The timeout passed before the orchestration ended. It continues to run.',
    remedy: 'Wait again with a longer timeout, or cancel the orchestration.',
    retryable: true,
  },
});

export type ClientErrorCode = keyof typeof CLIENT_ERRORS;

export const clientError = errorBuilder(CLIENT_ERRORS);

/** Members of the engine's error response; `details` of most client errors. */
export interface EngineErrorDetails {
  /** Such as `POST http://127.0.0.1:8005/orchestrations`. */
  readonly request: string;
  /** HTTP status. */
  readonly status: number;
  /** Members of the engine's error body. */
  readonly kind?: string;
  readonly engineCode?: string;
  readonly param?: string;
  readonly engineMessage?: string;
  /** Problems of a plan that was to be registered, each with its task and field. */
  readonly problems?: readonly PlanProblemView[];
}

/** Base of every error that a response of the engine leads to. `details` has the form `EngineErrorDetails`. */
export class OrraClientError extends OrraError {
  constructor(code: ClientErrorCode, message: string, options?: OrraErrorOptions) {
    super(code, message, { retryable: CLIENT_ERRORS[code].retryable === true, ...options });
  }
}

/** `ORRA_UNAUTHORIZED`: the engine does not accept the API key, or the key does not give access to this. */
export class OrraUnauthorizedError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_UNAUTHORIZED', message, options);
  }
}

/** `ORRA_NOT_ACTIONABLE`: the planner found that the registered services cannot do the action. */
export class OrraNotActionableError extends OrraClientError {
  /** The planner's reason. */
  readonly reason: string;

  constructor(message: string, reason: string, options?: OrraErrorOptions) {
    super('ORRA_NOT_ACTIONABLE', message, options);
    this.reason = reason;
  }
}

/** `ORRA_UNKNOWN_ORCHESTRATION`: the key's project has no orchestration with this id. */
export class OrraUnknownOrchestrationError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_UNKNOWN_ORCHESTRATION', message, options);
  }
}

/** `ORRA_UNKNOWN_SERVICE`: the project has no service with this id; register without an id. */
export class OrraUnknownServiceError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_UNKNOWN_SERVICE', message, options);
  }
}

/** `ORRA_UNKNOWN_COMPENSATION_FAILURE`: the engine has no failed compensation with this id. */
export class OrraUnknownCompensationFailureError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_UNKNOWN_COMPENSATION_FAILURE', message, options);
  }
}

/** `ORRA_UNKNOWN_GROUNDING`: the project has no grounding with this name. */
export class OrraUnknownGroundingError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_UNKNOWN_GROUNDING', message, options);
  }
}

/** `ORRA_UNKNOWN_PLAN`: the project has never had a plan with this name. */
export class OrraUnknownPlanError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_UNKNOWN_PLAN', message, options);
  }
}

/** `ORRA_GROUNDING_EXISTS`: the project already has this version of this grounding; give it a new version. */
export class OrraGroundingExistsError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_GROUNDING_EXISTS', message, options);
  }
}

/** `ORRA_INVALID_REQUEST`: the request is invalid; found by the client before sending it, or by the engine. */
export class OrraInvalidRequestError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_INVALID_REQUEST', message, options);
  }
}

/** `ORRA_NOT_SUPPORTED`: the engine has no such route, or ignored what the request asked for. */
export class OrraNotSupportedError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_NOT_SUPPORTED', message, options);
  }
}

/** `ORRA_ENGINE_ERROR`: the engine could not process a valid request; `retryable` if it may succeed later. */
export class OrraEngineError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_ENGINE_ERROR', message, options);
  }
}

/**
 * `ORRA_UNEXPECTED_RESPONSE`: a redirect, or a body that a Plan Engine does not send; another server listens at this
 * URL.
 */
export class OrraUnexpectedResponseError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_UNEXPECTED_RESPONSE', message, options);
  }
}

/** `ORRA_RESULT_TIMEOUT`: the timeout passed before the orchestration ended. It continues to run. */
export class OrraResultTimeoutError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_RESULT_TIMEOUT', message, options);
  }
}
