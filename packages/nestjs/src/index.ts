/** NestJS providers as durable, revertible services: one import for decorators, module and what the SDK exports. */
// Declaring services
export type { ServiceOptions } from './decorators/service';
export { OrraAgent, OrraService } from './decorators/service';
export type { HandlerOptions, RevertOptions, Takes } from './decorators/handler';
export { Handler, RevertHandler } from './decorators/handler';
export { CurrentTask, Reverting, TaskInput, TaskMetadata, TaskSignal } from './decorators/parameters';
export type { EnhancerSwitches } from './decorators/records';

// The module and what it provides
export { OrraModule } from './module/orra.module';
export type { OrraModuleAsyncOptions, OrraModuleOptions, OrraModuleScope } from './module/options';
export { OrraContainer } from './module/orra-container';
export {
  InjectOrra,
  InjectOrraApplication,
  InjectPlan,
  getApplicationToken,
  getClientToken,
  getContainerToken,
  getPlanToken,
} from './module/tokens';

// Guards, interceptors, pipes, filters
export { OrraExecutionContext, isOrraContext, isOrraTask } from './context/orra-context';
export { skipForOrra } from './context/skip-for-orra';
export type { ErrorMapper } from './exceptions';
export { isRetryableStatus, nestErrorMapper } from './exceptions';
export { nestLogger } from './logger';

// Of the SDK, for applications that import from one package
export type {
  CompensationContext,
  Duration,
  InferInput,
  InferOutput,
  OrchestrationHandle,
  OrchestrationResult,
  OverdueHealth,
  OverdueRun,
  PartialRevert,
  Plan,
  ProgressUpdate,
  ServiceHealth,
} from '@orra-ts/sdk';
export {
  CompensationResult,
  Describe,
  Field,
  NonRetryableError,
  OrraApplication,
  OrraBootError,
  OrraClient,
  OrraError,
  RetryableError,
  RevertSource,
  Task,
  currentTask,
  definePlan,
  hasCurrentTask,
  jsonSchema,
  remoteService,
} from '@orra-ts/sdk';
