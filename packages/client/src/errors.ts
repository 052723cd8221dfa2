/** Errors of the client: one class and one stable code per kind of refusal. Messages never hold the API key. */
import { OrraError, type OrraErrorOptions } from '@orra-ts/common';
import type { PlanProblemView } from '@orra-ts/protocol';

/** What the engine said, as far as it said anything. */
export interface EngineAnswer {
  /** Such as `POST http://127.0.0.1:8005/orchestrations`. */
  readonly request: string;
  /** HTTP status. */
  readonly status: number;
  /** Members of the engine's error body. */
  readonly kind?: string;
  readonly engineCode?: string;
  readonly param?: string;
  readonly engineMessage?: string;
  /** Of a plan that was to be registered: each with its task and field. */
  readonly problems?: readonly PlanProblemView[];
}

/** Base of every error that an answer of the engine leads to. `details` holds an `EngineAnswer`. */
export class OrraClientError extends OrraError {}

/** `ORRA_UNAUTHORIZED`: the key is unknown to this engine, or does not reach what was asked for. */
export class OrraUnauthorizedError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_UNAUTHORIZED', message, options);
  }
}

/** `ORRA_NOT_ACTIONABLE`: the planner found that the registered services cannot do the action. */
export class OrraNotActionableError extends OrraClientError {
  /** The planner's own words. */
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

/** `ORRA_UNKNOWN_SERVICE`: a registration named an id that this project does not have; register afresh, without an id. */
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

/** `ORRA_UNKNOWN_GROUNDING`: the project has no grounding of this name. */
export class OrraUnknownGroundingError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_UNKNOWN_GROUNDING', message, options);
  }
}

/** `ORRA_UNKNOWN_PLAN`: the project never had a plan of this name. */
export class OrraUnknownPlanError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_UNKNOWN_PLAN', message, options);
  }
}

/** `ORRA_GROUNDING_EXISTS`: the project has this version of this grounding; give it a new version. */
export class OrraGroundingExistsError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_GROUNDING_EXISTS', message, options);
  }
}

/** `ORRA_INVALID_REQUEST`: what was to be sent is wrong; seen by this client before sending, or by the engine. */
export class OrraInvalidRequestError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_INVALID_REQUEST', message, options);
  }
}

/** `ORRA_NOT_SUPPORTED`: this engine has no such route, or ignored what it was asked to do. */
export class OrraNotSupportedError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_NOT_SUPPORTED', message, options);
  }
}

/** `ORRA_ENGINE_ERROR`: the engine could not do it. `retryable` when it may later. */
export class OrraEngineError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_ENGINE_ERROR', message, options);
  }
}

/** `ORRA_UNEXPECTED_ANSWER`: a redirect, or a body that no Plan Engine sends: something else answers at this URL. */
export class OrraUnexpectedAnswerError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_UNEXPECTED_ANSWER', message, options);
  }
}

/** `ORRA_RESULT_TIMEOUT`: the orchestration was still open when the given time was over. It runs on. */
export class OrraResultTimeoutError extends OrraClientError {
  constructor(message: string, options?: OrraErrorOptions) {
    super('ORRA_RESULT_TIMEOUT', message, { ...options, retryable: true });
  }
}
