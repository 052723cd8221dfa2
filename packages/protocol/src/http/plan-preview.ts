/** Answer of `POST /plans`: what would be run, without running it. Our engine only. */
import type { GroundingHitView, PlanProblemView, PlanSourceView, PlanView, PlanningView } from './orchestration';

export interface PlanPreview {
  /**
   * `planned`: it would run. `not_actionable`: the services at hand cannot do it, or nobody knows how. `invalid`: a plan was
   * there and does not fit. `failed`: the planner itself failed.
   */
  readonly outcome: 'planned' | 'not_actionable' | 'invalid' | 'failed';
  readonly plan?: PlanView;
  /** What `$task0.…` refers to: the submitted fields, and constants from the action's words. */
  readonly taskZero?: Readonly<Record<string, unknown>>;
  /** Names of the fields of task0 that were not submitted. */
  readonly constants?: readonly string[];
  readonly source?: PlanSourceView;
  /** Why there is no plan. */
  readonly reason?: string;
  readonly problems?: readonly PlanProblemView[];
  /** Names of services that come nearest to an action that is not actionable. */
  readonly nearestServices?: readonly string[];
  /** How a model planned, with the errors of every attempt. */
  readonly planning?: PlanningView;
  readonly groundingHit?: GroundingHitView;
}
