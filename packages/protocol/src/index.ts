/**
 * The wire protocol of the Plan Engine.
 *
 *   ids, status, limits    names and numbers
 *   spec, plan             what services register and what runs
 *   sensitive              which values are masked where people see them
 *   messages/, outcome     WebSocket messages, one file per direction, and the meaning of results
 *   http/                  HTTP bodies, one file per group of routes
 *   capabilities           what our engine and SDK announce beyond the public protocol
 *   parse                  raw input to typed values, with errors that have a path
 */
export type { OrchestrationId, ProjectId, RandomBytes, ServiceId } from './ids';
export {
  mintApiKey,
  mintCompensationExecutionId,
  mintCompensationId,
  mintExecutionId,
  mintOrchestrationId,
  mintProjectId,
  mintServiceId,
  mintShortId,
} from './ids';
export type { CompensationStatus, OrchestrationStatus, TaskStatus } from './status';
export { ORCHESTRATION_STATUSES, isTerminalStatus } from './status';
export {
  ACK_TIMEOUT_MS,
  CLAIM_WAIT_MS,
  CLOSE_MESSAGE_TOO_BIG,
  CLOSE_SERVICE_RESTART,
  COMPENSATION_HOLD_MS,
  COMPENSATION_MAX_ATTEMPTS,
  COMPENSATION_RETRY_BASE_MS,
  COMPENSATION_RETRY_CAP_MS,
  COMPENSATION_TIMEOUT_MS,
  DEFAULT_COMPENSATION_TTL_MS,
  DEFAULT_HEALTH_GRACE_MS,
  DEFAULT_TASK_TIMEOUT_MS,
  DOUBT_MS,
  ENGINE_MAX_BODY_BYTES,
  ENGINE_MAX_MESSAGE_BYTES,
  FAILURE_MAX_BYTES,
  GO_ENGINE_MAX_MESSAGE_BYTES,
  LATE_RESULT_MS,
  NAME_MAX_BYTES,
  NAME_MIN_BYTES,
  NAME_PATTERN,
  PING_INTERVAL_MS,
  PING_WATCHDOG_MS,
  PLAN_MAX_DEPTH,
  PLAN_MAX_TASKS,
  PONG_WAIT_MS,
  PROTOCOL_VERSION,
  RETRY_JITTER,
  JSON_SCHEMA_MAX_BYTES,
  SCHEMA_MAX_DEPTH,
  SDK_MAX_PAYLOAD_BYTES,
  TASK_MAX_ATTEMPTS,
  TASK_RETRY_BASE_MS,
  TASK_RETRY_CAP_MS,
  UPDATE_SETTLE_MS,
  VERSION_HEADER,
  nameProblem,
} from './limits';
export type { JsonObject, JsonValue } from './json';
export { isJsonObject } from './json';
export type { ServiceSchema, Spec, SpecProblem, SpecType } from './spec';
export {
  ANY_MEMBER,
  ANY_VALUE,
  GO_ENGINE_SPEC_MEMBERS,
  SPEC_TYPES,
  allowsAnyType,
  schemaProblems,
  specTypes,
} from './spec';
export {
  SENSITIVE_KEYWORD,
  SENSITIVE_MASK,
  SensitiveValues,
  hasSensitive,
  maskSensitive,
  maskSensitiveAt,
  sensitivePaths,
  sensitiveSpecAt,
} from './sensitive';
export type { DefinedPlan, InputPath, Plan, PlanTask, Reference } from './plan';
export {
  DefinedPlanSchema,
  PlanSchema,
  PlanTaskSchema,
  TASK_ZERO,
  formatInputPath,
  formatReference,
  parseReference,
} from './plan';
export type { EngineCapabilities, SdkCapability } from './capabilities';
export {
  CAPABILITIES_HEADER,
  EngineCapabilitiesSchema,
  SDK_CAPABILITIES,
  encodeCapabilities,
  parseCapabilities,
} from './capabilities';
export type {
  JsonSchemas,
  ProjectRegistered,
  ProjectRegistration,
  ServiceKind,
  ServiceRegistered,
  ServiceRegistration,
} from './http/registration';
export {
  ApiKeyAddedSchema,
  ProjectRegisteredSchema,
  ProjectRegistrationSchema,
  ServiceRegisteredSchema,
  ServiceRegistrationSchema,
} from './http/registration';
export type {
  Ack,
  CompensationRequest,
  EngineMessage,
  Ping,
  TaskCancel,
  TaskRequest,
  WireCompensationContext,
} from './messages/engine-to-service';
export { ENGINE_MESSAGE_SCHEMAS } from './messages/engine-to-service';
export type {
  CompensationData,
  FailureCause,
  FailureDetails,
  Pong,
  ServiceEnvelope,
  ServiceMessage,
  TaskAbortResult,
  TaskInterimResult,
  TaskResult,
  TaskRunStatus,
  TaskStatusMessage,
} from './messages/service-to-engine';
export {
  CompensationDataSchema,
  FailureCauseSchema,
  PONG_MESSAGE_ID,
  SERVICE_MESSAGE_SCHEMAS,
} from './messages/service-to-engine';
export type { RevertOutcome, TaskOutcome, WireFailure } from './outcome';
export { NO_OUTPUT_ERROR, readRevertOutcome, readTaskOutcome } from './outcome';
export type { ParseError, ParseErrorCode, ParseResult } from './parse';
export {
  canonicalMembers,
  encodeMessage,
  parseEngineMessage,
  parseServiceMessage,
  parseValue,
  readAckId,
} from './parse';
export type { WireErrorBody } from './http/error-body';
export { WireErrorBodySchema } from './http/error-body';
export type { GoErrorCode, GoErrorKind } from './http/go-engine-errors';
export { GO_ERROR_CODES, GO_ERROR_KINDS, GO_ERROR_MESSAGES } from './http/go-engine-errors';
export type { FailureDetailsView } from './http/failure-details';
export { FailureDetailsViewSchema, failureDetailsView } from './http/failure-details';
export { HealthSchema } from './http/health';
export type { OpenApiDocument } from './http/openapi';
export { OpenApiDocumentSchema } from './http/openapi';
export type {
  CompensationSummary,
  DataField,
  OrchestrationList,
  OrchestrationListItem,
  OrchestrationView,
  Submission,
  WireDuration,
} from './http/orchestration';
export {
  OrchestrationListSchema,
  OrchestrationViewSchema,
  SubmissionSchema,
  WireDurationSchema,
} from './http/orchestration';
export type {
  AbortInfo,
  CompensationEventView,
  InterimResultView,
  OpenDelivery,
  OrchestrationInspection,
  TaskInspection,
  TaskStatusEvent,
  WaitingFor,
} from './http/inspection';
export { OrchestrationInspectionSchema } from './http/inspection';
export type {
  GroundingHitView,
  PlanProblemView,
  PlanSourceView,
  PlanView,
  PlannedTaskView,
  PlanningView,
} from './http/plan-view';
export type {
  DefinedPlanDetails,
  DefinedPlanView,
  PlanRegisteredView,
  PlanVersionView,
  ServiceView,
} from './http/catalog';
export {
  DefinedPlanDetailsSchema,
  DefinedPlanListSchema,
  PlanRegisteredViewSchema,
  ServiceListSchema,
} from './http/catalog';
export type { PlanPreview } from './http/plan-preview';
export { PlanPreviewSchema } from './http/plan-preview';
export type {
  CompensationFailureKind,
  CompensationFailureView,
  Resolution,
  ResolutionState,
} from './http/compensation-failures';
export {
  COMPENSATION_FAILURE_KINDS,
  CompensationFailureListSchema,
  CompensationFailureViewSchema,
  RESOLUTION_STATES,
  ResolutionSchema,
  ZERO_TIME,
} from './http/compensation-failures';
export type { ReadToken, StreamEvent } from './http/events';
export { READ_TOKEN_TTL_MS, ReadTokenSchema, StreamEventSchema } from './http/events';
export type { Grounding, GroundingBody, GroundingProblem, GroundingUseCase, GroundingView } from './http/groundings';
export { GroundingListSchema, GroundingSchema, GroundingViewSchema, groundingProblem } from './http/groundings';
export type { GroundingMode, ProjectSettings, ProjectSettingsBody } from './http/settings';
export { DEFAULT_PROJECT_SETTINGS, ProjectSettingsSchema, ProjectSettingsViewSchema } from './http/settings';
export type {
  CompensationFailedWebhook,
  CompensationResolvedWebhook,
  CompensationWebhook,
  OrchestrationWebhook,
  OrchestrationWebhookType,
  WebhookBody,
} from './http/webhooks';
export { WEBHOOK_EVENT_HEADER, WEBHOOK_USER_AGENT, WebhookAddedSchema, WebhookSchema } from './http/webhooks';
export { formatWireDuration, parseWireDuration } from './go-duration';
