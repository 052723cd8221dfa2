/** Orra for TypeScript: durable, revertible services and agents from annotated classes. */
export type { Duration, LogLevel, Logger } from '@orra-ts/common';
export { OrraError, silentLogger } from '@orra-ts/common';

// Declaring services
export type { ServiceOptions } from './decorators/service';
export { OrraAgent, OrraService } from './decorators/service';
export type { HandlerOptions, Takes } from './decorators/handler';
export { Handler } from './decorators/handler';
export type { RevertOptions } from './decorators/revert-handler';
export { RevertHandler } from './decorators/revert-handler';
export type { FieldOptions } from './decorators/field';
export { Describe, Field } from './decorators/field';
export type { UnknownFields, ValidationMode } from './metadata/records';
export type { InputOf, OutputOf } from './decorators/types';
export type { CompensationContext, PartialRevert, ProgressUpdate } from './task';
export { CompensationResult, RevertSource, Task } from './task';
export type { FunctionHandler, FunctionService, FunctionServiceOptions } from './definition/define-service';
export { defineService } from './definition/define-service';
export type { TypedJsonSchema } from './json-schema';
export { jsonSchema } from './json-schema';
export type { ClassType, PlainData, InferOutput, InferInput, Schema, SchemaSource } from './schema';
export type { AppDescription, ServiceDescription, SideDescription } from './runtime/describe-service';

// Entries of the option `services`, and problems found in them
export { isOrraService } from './decorators/is-orra-service';
export type { BootProblem } from './boot-error';
export { OrraBootError } from './boot-error';
export type {
  ClassSource,
  DelegatedSource,
  FactorySource,
  MethodCall,
  MethodCaller,
  ServiceSource,
  ValueSource,
} from './definition/service-source';
export type { ClassTransformerStorage } from './schema/dto/transformer-records';
export type { ValidatorModules } from './schema/validator-modules';

// Running them
export { OrraFactory } from './runtime/orra-factory';
export type { AppHealth, CloseOptions } from './runtime/orra-application';
export { OrraApplication } from './runtime/orra-application';
export type { ConnectionOptions, IdentityOptions, JournalOptions, OrraOptions, RemoteEngine } from './runtime/options';
export type { OverdueHealth, ServiceHealth } from './runtime/service-runtime';
export type { OverdueRun } from './execution/overdue';
export { currentTask, hasCurrentTask } from './execution/current-task';
export type { InstanceResolver, InstanceScope, ResolveContext } from './resolver/instance-resolver';
export type { CustomIdentity } from './identity/custom-identity-store';
export type {
  ExecutionJournal,
  FenceStatus,
  JournalFailure,
  JournalHealth,
  JournalRecord,
  Outcome,
  ServiceJournal,
} from './journal/execution-journal';
export type { NonRetryableErrorOptions, RetryableErrorOptions, SdkErrorCode } from './errors';
export { NonRetryableError, RetryableError } from './errors';

// Plans in code
export type { Plan, PlanBuilder, PlannedTask, PlanOptions } from './plans/define-plan';
export { definePlan } from './plans/define-plan';
export type { PlanRef, PlanInput } from './plans/plan-ref';
export type { RemoteService, RemoteServiceOptions } from './definition/remote-service';
export { remoteService } from './definition/remote-service';

// Submitting, as `app.orra` does it
export { OrraClient } from '@orra-ts/client';
export type {
  ActionBuilder,
  OrchestrationHandle,
  OrchestrationResult,
  OrchestrationUpdate,
  PreviewOptions,
  SubmitOptions,
} from '@orra-ts/client';
export type { OrchestrationInspection, PlanPreview, PlanView, TaskInspection } from '@orra-ts/protocol';
