/**
 * The embedded Plan Engine: durable orchestration over HTTP and WebSocket.
 *
 *   create-engine      starts an engine in this process
 *   embedded-engine    an engine for the `engine` option of an application
 *   options            options and the documented timings
 */
export type { Engine, ProjectOptions } from './create-engine';
export { createEngine } from './create-engine';
export type { EmbeddedEngineOptions } from './embedded-engine';
export { embeddedEngine } from './embedded-engine';
export type { EngineOptions, EngineTimings } from './options';
export { DEFAULT_PORT, DEFAULT_TIMINGS } from './options';
export type { ModelOptions, ResponseFormat } from './planner/model/model-options';
export { modelFromEnv } from './planner/model/model-options';
export type { MatchablePlan, Planner, PlannerOptions, PlanningOutcome, PlanRequest } from './planner/planner';
export type { PlanSource } from './domain/orchestration/planning-record';
export { ENGINE_VERSION } from './version';
export type { PlanProblem } from './domain/plan/plan-problems';
export type { PlannableService } from './domain/plan/plan-services';
export type { ResolvedPlan, ResolvedTask } from './domain/plan/resolved-plan';
