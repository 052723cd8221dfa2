/**
 * For the other Orra packages, not for applications: functions that turn classes and plans into definitions, the types
 * of definitions, and the ports that a simulation replaces. It may change in any release.
 */
export type { Connect, EngineSocket, SocketOutcome, SocketTarget } from './connection/engine-socket';
export type { HandlerRecord, RevertRecord } from './metadata/records';
export { handlerRecords, recordHandler, recordRevert, revertRecords } from './metadata/records';
export type { RevertOf, RevertOfOnlyHandler, RevertResult } from './decorators/revert-handler';
export type { Demand, FirstParameter, Method, TakesTask } from './decorators/types';
export type { Exploration, ExploreOptions, ExploredService } from './definition/explore';
export { exploreServices } from './definition/explore';
export type { InstanceMethod } from './definition/instance-method';
export { methodOf, missingMethods } from './definition/instance-method';
export type { Invoke, RevertDefinition, ServiceDefinition } from './definition/service-definition';
export { FileJournal } from './journal/file-journal';
export type { SegmentFiles, SegmentWriter, StoredSegment } from './journal/segment-files';
export { createApplication } from './runtime/orra-factory';
export type { SdkPorts } from './runtime/ports';
export type { Checked, ValueSchema, Violation } from './validation/value-schema';
export type { PlanExploration } from './plans/resolve-plan';
export { explorePlans, resolvePlan } from './plans/resolve-plan';
