/**
 * Typed client of a Plan Engine's HTTP API.
 *
 *   client           what an application holds
 *   action, data     a submission, written fluently
 *   handle, result   a submitted orchestration and how it ended
 *   orchestrations   list, inspect, and the same by id
 *   watch            waiting, by polling
 *   engine-http, refusal, errors   one request and back, and what can go wrong
 *   options          option, environment, or a clear error
 */
export { ActionBuilder } from './action';
export type { EngineHealth, NewProject } from './client';
export { OrraClient, createOrraClient } from './client';
export type { EngineAnswer } from './errors';
export {
  OrraClientError,
  OrraEngineError,
  OrraInvalidRequestError,
  OrraNotActionableError,
  OrraNotSupportedError,
  OrraResultTimeoutError,
  OrraUnauthorizedError,
  OrraUnexpectedAnswerError,
  OrraUnknownOrchestrationError,
  OrraUnknownServiceError,
} from './errors';
export { OrchestrationHandle } from './handle';
export type { ApiKeySource, OrraClientOptions } from './options';
export { OrchestrationsApi } from './orchestrations';
export type { OrchestrationFailure, OrchestrationResult } from './result';
export type { OrchestrationUpdate, ResultOptions, WatchOptions } from './watch';
