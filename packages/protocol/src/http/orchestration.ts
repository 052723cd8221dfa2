/** Bodies of `POST` and `GET /orchestrations`. */
import { Type, type Static } from '@sinclair/typebox';
import { PlanSchema } from '../plan';
import { ORCHESTRATION_STATUSES } from '../status';
import { List, Literals, OptionalList, OptionalNullable, OrNull, Timestamp } from '../typebox';
import { GroundingHitViewSchema, PlanSourceViewSchema, PlanViewSchema, PlanningViewSchema } from './plan-view';

/** A Go duration string (`"45s"`), nanoseconds, or the legacy form `{"Duration": n}`. */
export const WireDurationSchema = Type.Union([
  Type.String(),
  Type.Number(),
  Type.Object({ Duration: Type.Number() }),
  Type.Null(),
]);
export type WireDuration = Static<typeof WireDurationSchema>;

export const SubmissionSchema = Type.Object(
  {
    action: OptionalNullable(
      Type.Object({ type: OptionalNullable(Type.String()), content: OptionalNullable(Type.String()) }),
    ),
    data: OptionalNullable(Type.Array(Type.Object({ field: Type.String(), value: Type.Optional(Type.Unknown()) }))),
    /** Timeout of one attempt of a task. */
    timeout: Type.Optional(WireDurationSchema),
    healthCheckGracePeriod: Type.Optional(WireDurationSchema),
    /** Engines that announce `plans`: run exactly this plan. */
    plan: OptionalNullable(PlanSchema),
    /** Our engine: passed to every task (tenant, trace). */
    metadata: OptionalNullable(Type.Record(Type.String(), Type.String())),
  },
  { $id: 'Submission' },
);
export type Submission = Static<typeof SubmissionSchema>;

export const DataFieldSchema = Type.Object({ field: Type.String(), value: Type.Unknown() });
export type DataField = Static<typeof DataFieldSchema>;

/** Metadata of an orchestration, as it was submitted. */
export const MetadataSchema = Type.Record(Type.String(), Type.String());

/** Names of fields of `taskZero` that come from the words of the action; absent: there are none. */
export const ConstantsSchema = Type.Unsafe<readonly string[]>({
  ...List(Type.String()),
  description: 'Names of fields of taskZero that come from the words of the action, not from the data',
});

/** The 202 of a submission. */
export const OrchestrationViewSchema = Type.Object(
  {
    id: Type.String(),
    projectID: Type.String(),
    action: Type.Object({ type: Type.String(), content: Type.String() }),
    data: OrNull(List(DataFieldSchema)),
    plan: OrNull(PlanViewSchema),
    results: OrNull(List(Type.Unknown())),
    status: Literals(ORCHESTRATION_STATUSES),
    error: Type.Optional(Type.Unknown()),
    timestamp: Timestamp(),
    timeout: Type.Optional(Type.String()),
    healthCheckGracePeriod: Type.Optional(Type.String()),
    taskZero: Type.Unknown({ description: 'The data that tasks refer to as $task0; null without a plan' }),
    abortReason: Type.Optional(Type.Unknown()),
    metadata: Type.Optional(MetadataSchema),
    /** Our engine: where the plan comes from. */
    planSource: Type.Optional(PlanSourceViewSchema),
    /** Our engine: how a model planned, and what that cost. */
    planning: Type.Optional(PlanningViewSchema),
    /** The grounding that matches the action. */
    groundingHit: Type.Optional(GroundingHitViewSchema),
    /** Our engine: names of fields of `taskZero` that come from the words of the action, not from the data. */
    constants: Type.Optional(ConstantsSchema),
  },
  { $id: 'OrchestrationView' },
);
export type OrchestrationView = Static<typeof OrchestrationViewSchema>;

export const CompensationSummarySchema = Type.Object({
  active: Type.Boolean(),
  total: Type.Integer(),
  completed: Type.Integer(),
  /** Tasks with a record on the list for an operator, of any kind. */
  failed: Type.Integer(),
  /** Our engine: the number of failed ones whose revert was partial. */
  partial: Type.Optional(Type.Integer()),
  /** Our engine: the number of failed ones whose effect is unknown. */
  inDoubt: Type.Optional(Type.Integer()),
});
export type CompensationSummary = Static<typeof CompensationSummarySchema>;

export const OrchestrationListItemSchema = Type.Object(
  {
    id: Type.String(),
    action: Type.String(),
    status: Literals(ORCHESTRATION_STATUSES),
    error: Type.Optional(Type.Unknown()),
    /** Time of the last status change. */
    timestamp: Timestamp({ description: 'Time of the last status change, RFC 3339' }),
    /** Absent if no task had an effect to undo, or may have had one. */
    compensation: Type.Optional(CompensationSummarySchema),
  },
  { $id: 'OrchestrationListItem' },
);
export type OrchestrationListItem = Static<typeof OrchestrationListItemSchema>;

const Group = OptionalList(OrchestrationListItemSchema);

/** `GET /orchestrations`: an empty group is absent, and each group is newest first. Only our engine has `cancelled`. */
export const OrchestrationListSchema = Type.Object(
  {
    pending: Group,
    processing: Group,
    completed: Group,
    failed: Group,
    notActionable: Group,
    aborted: Group,
    cancelled: Group,
  },
  { $id: 'OrchestrationList', additionalProperties: false },
);
export type OrchestrationList = Static<typeof OrchestrationListSchema>;
