/**
 * Typed client of a Plan Engine's HTTP API.
 *
 *   client           the client object of an application
 *   action, data     the fluent builder of a submission
 *   handle, result   a submitted orchestration and its result
 *   orchestrations   listing, inspecting, and the methods of the handle by id
 *   watch            waiting for results and updates, by polling
 *   event-stream     events over server-sent events, with reconnects
 *   engine-http, response-error, errors   one request, and the errors that it can lead to
 *   options          options and environment variables
 */
export type { PreviewOptions, SubmitOptions } from './action';
export { ActionBuilder } from './action';
export { PlansApi, ServicesApi } from './catalog';
export type { EngineHealth } from './client';
export { OrraClient, createOrraClient } from './client';
export type { CompensationFailureFilter } from './compensation-failures';
export { CompensationFailuresApi } from './compensation-failures';
export type { EngineErrorDetails } from './errors';
export {
  CLIENT_ERRORS,
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
export { isSettled } from './result';
export type { OrchestrationUpdate, ResultOptions, WatchOptions } from './watch';
