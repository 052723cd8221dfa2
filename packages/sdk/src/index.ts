/** Orra for TypeScript: durable, revertible services and agents from annotated classes. */
export type { Duration } from '@orra-ts/common';

// Declaring services
export type { ServiceOptions } from './decorators/service';
export { OrraAgent, OrraService } from './decorators/service';
export type { HandlerOptions, Takes } from './decorators/handler';
export { Handler } from './decorators/handler';
export type { RevertOptions } from './decorators/revert-handler';
export { RevertHandler } from './decorators/revert-handler';
export type { FieldOptions } from './decorators/field';
export { Describe, Field } from './decorators/field';
export type { UnknownFields, ValidationMode } from './decorators/records';
export type { InputOf, OutputOf } from './decorators/types';
export type { CompensationContext, ProgressUpdate } from './task';
export { CompensationResult, RevertSource, Task } from './task';
export type { FunctionHandler, FunctionService, FunctionServiceOptions } from './definition/define-service';
export { defineService } from './definition/define-service';
export type { TypedJsonSchema } from './json-schema';
export { jsonSchema } from './json-schema';
export type { Class, Data, Received, Returned, Schema } from './schema/schema';

// From services to definitions
export type { BootProblem } from './definition/boot-error';
export { OrraBootError } from './definition/boot-error';
export type { Exploration, ExploreOptions, ExploredService } from './definition/explore';
export { exploreServices } from './definition/explore';
export type {
  Checked,
  RevertDefinition,
  ServiceDefinition,
  ValueSchema,
  Violation,
} from './definition/service-definition';
export type { ClassSource, FactorySource, ServiceSource, ValueSource } from './definition/service-source';
export type { Peers } from './validation/peers';
