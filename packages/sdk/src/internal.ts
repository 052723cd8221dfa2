/**
 * For the other Orra packages, not for applications: how classes and plans become definitions, and what those contain.
 * It may change in any release.
 */
export type { Exploration, ExploreOptions, ExploredService } from './definition/explore';
export { exploreServices } from './definition/explore';
export type { Invoke, RevertDefinition, ServiceDefinition } from './definition/service-definition';
export type { Checked, ValueSchema, Violation } from './validation/value-schema';
export type { PlanExploration } from './plans/resolve-plan';
export { explorePlans, resolvePlan } from './plans/resolve-plan';
