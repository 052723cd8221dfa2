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
export type { PreviewOptions, SubmitOptions } from './action';
export { ActionBuilder } from './action';
export { PlansApi, ServicesApi } from './catalog';
export type { EngineHealth } from './client';
export { OrraClient, createOrraClient } from './client';
export { CompensationFailuresApi } from './compensation-failures';
export type { EngineErrorDetails } from './errors';
export {
  OrraClientError,
  OrraEngineError,
  OrraGroundingExistsError,
  OrraInvalidRequestError,
  OrraNotActionableError,
  OrraNotSupportedError,
  OrraResultTimeoutError,
  OrraUnauthorizedError,
  OrraUnexpectedResponseError,
  OrraUnknownCompensationFailureError,
  OrraUnknownGroundingError,
  OrraUnknownOrchestrationError,
  OrraUnknownPlanError,
  OrraUnknownServiceError,
} from './errors';
export type { EngineEvent, EventsOptions } from './event-stream';
export { GroundingsApi } from './groundings';
export { OrchestrationHandle } from './handle';
export type { ApiKeySource, OrraClientOptions } from './options';
export type { CancelOptions } from './orchestrations';
export { OrchestrationsApi } from './orchestrations';
export type { NewApiKey, NewProject, Webhook } from './project';
export { KeysApi, ProjectApi, ProjectsApi, WebhooksApi } from './project';
export type { OrchestrationFailure, OrchestrationResult } from './result';
export type { OrchestrationUpdate, ResultOptions, WatchOptions } from './watch';
