/** Views of plans: tasks, source and planning. */
import { Type, type Static } from '@sinclair/typebox';
import { SpecSchema } from '../spec';
import { AnyMembers, List, Literals, OptionalList, OrNull } from '../typebox';
import { GroundingUseCaseViewSchema } from './groundings';

export const PlannedTaskViewSchema = Type.Object(
  {
    id: Type.String(),
    /** Id of the service. */
    service: Type.String(),
    /** Literals and references, as planned. */
    input: AnyMembers(),
    service_name: Type.String(),
    capabilities: List(Type.String()),
    expected_input: SpecSchema,
    expected_output: SpecSchema,
  },
  { $id: 'PlannedTaskView' },
);
export type PlannedTaskView = Static<typeof PlannedTaskViewSchema>;

export const PlanViewSchema = Type.Object(
  {
    tasks: List(PlannedTaskViewSchema),
    parallel_groups: List(List(Type.String())),
    /** Our engine: all reverts that need not wait for another one run at once. Absent: one at a time. */
    compensation: Type.Optional(Type.Literal('parallel')),
  },
  { $id: 'PlanView' },
);
export type PlanView = Static<typeof PlanViewSchema>;

/**
 * Where a plan comes from. `name` and `version` belong to a defined plan; `model` made the plan, now or (`cache`) for
 * an earlier request.
 */
export const PlanSourceViewSchema = Type.Object(
  {
    kind: Literals(['explicit', 'defined', 'model', 'cache']),
    name: Type.Optional(Type.String()),
    version: Type.Optional(Type.Integer()),
    model: Type.Optional(Type.String()),
  },
  { $id: 'PlanSource', description: 'The source of the plan' },
);
export type PlanSourceView = Static<typeof PlanSourceViewSchema>;

/** A problem of a plan, or of what a model returned instead of one. */
export const PlanProblemViewSchema = Type.Object(
  {
    /** Absent: the problem concerns the plan as a whole. */
    taskId: Type.Optional(Type.String()),
    /** Such as `service` or `input.address.line`. */
    field: Type.Optional(Type.String()),
    message: Type.String(),
  },
  { $id: 'PlanProblem' },
);
export type PlanProblemView = Static<typeof PlanProblemViewSchema>;

/** How a model planned. */
export const PlanningViewSchema = Type.Object(
  {
    model: Type.String(),
    promptVersion: Type.Integer(),
    /** Milliseconds from the first request to the last response, pauses included. */
    durationMs: Type.Number(),
    /** The sum over all attempts, as far as the model's endpoint reports it. */
    tokens: Type.Object({ prompt: Type.Number(), completion: Type.Number() }),
    attempts: List(
      Type.Object({
        durationMs: Type.Number(),
        promptTokens: Type.Optional(Type.Number()),
        completionTokens: Type.Optional(Type.Number()),
        /** Why the plan of this attempt was rejected; absent for the one that was accepted. */
        problems: OptionalList(PlanProblemViewSchema),
      }),
    ),
  },
  { $id: 'Planning' },
);
export type PlanningView = Static<typeof PlanningViewSchema>;

/** A grounding and its one use case that matches the action. The Go engine calls the use case `useCases`, too. */
export const GroundingHitViewSchema = Type.Object(
  {
    name: Type.String(),
    domain: Type.String(),
    version: Type.String(),
    useCases: GroundingUseCaseViewSchema,
    constraints: OrNull(List(Type.String())),
    /** Our engine: which service of the plan covers a required capability, found by its words or by the model. */
    coverage: OptionalList(
      Type.Object({ capability: Type.String(), service: Type.String(), by: Literals(['words', 'model']) }),
    ),
  },
  { $id: 'GroundingHit' },
);
export type GroundingHitView = Static<typeof GroundingHitViewSchema>;
