/** Response of `POST /plans`: the plan of an action, without running it. Our engine only. */
import { Type, type Static } from '@sinclair/typebox';
import { AnyMembers, Literals, OptionalList } from '../typebox';
import { ConstantsSchema } from './orchestration';
import {
  GroundingHitViewSchema,
  PlanProblemViewSchema,
  PlanSourceViewSchema,
  PlanViewSchema,
  PlanningViewSchema,
} from './plan-view';

export const PlanPreviewSchema = Type.Object(
  {
    /**
     * `planned`: it would run. `not_actionable`: the registered services cannot do it, or no source has a plan for it.
     * `invalid`: there is a plan, and it has problems. `failed`: the planner itself failed.
     */
    outcome: Literals(['planned', 'not_actionable', 'invalid', 'failed']),
    plan: Type.Optional(PlanViewSchema),
    /** The data that tasks refer to as `$task0`: the submitted fields, and constants from the words of the action. */
    taskZero: Type.Optional(AnyMembers()),
    /** Names of the fields of `taskZero` that were not submitted. */
    constants: Type.Optional(ConstantsSchema),
    source: Type.Optional(PlanSourceViewSchema),
    /** Why there is no plan. */
    reason: Type.Optional(Type.String()),
    problems: OptionalList(PlanProblemViewSchema),
    /** Names of the services nearest to an action that is not actionable. */
    nearestServices: OptionalList(Type.String()),
    /** How a model planned, with the errors of every attempt. */
    planning: Type.Optional(PlanningViewSchema),
    groundingHit: Type.Optional(GroundingHitViewSchema),
  },
  { $id: 'PlanPreview' },
);
export type PlanPreview = Static<typeof PlanPreviewSchema>;
