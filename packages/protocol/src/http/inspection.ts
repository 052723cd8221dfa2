/** The body of `GET /orchestrations/inspections/{id}`: one orchestration with the history of its tasks. */
import { Type, type Static } from '@sinclair/typebox';
import { COMPENSATION_STATUSES, ORCHESTRATION_STATUSES, TASK_STATUSES } from '../status';
import { AnyMembers, List, Literals, OptionalList, OrNull, Timestamp } from '../typebox';
import { FailureDetailsViewSchema } from './failure-details';
import { ConstantsSchema, MetadataSchema } from './orchestration';
import { GroundingHitViewSchema, PlanProblemViewSchema, PlanSourceViewSchema, PlanningViewSchema } from './plan-view';

export const TaskStatusEventSchema = Type.Object(
  {
    id: Type.String(),
    orchestrationId: Type.String(),
    taskId: Type.String(),
    status: Literals(TASK_STATUSES),
    timestamp: Timestamp(),
    serviceId: Type.Optional(Type.String()),
    error: Type.Optional(Type.String()),
    /** Our engine, beside an error that the service reported. */
    failureDetails: Type.Optional(FailureDetailsViewSchema),
  },
  { $id: 'TaskStatusEvent' },
);
export type TaskStatusEvent = Static<typeof TaskStatusEventSchema>;

export const InterimResultViewSchema = Type.Object(
  { id: Type.String(), timestamp: Timestamp(), data: Type.Unknown() },
  { $id: 'InterimResult' },
);
export type InterimResultView = Static<typeof InterimResultViewSchema>;

export const CompensationEventViewSchema = Type.Object(
  {
    id: Type.String(),
    taskId: Type.String(),
    status: Literals(COMPENSATION_STATUSES),
    attempt: Type.Integer(),
    maxAttempts: Type.Integer(),
    timestamp: Timestamp(),
    error: Type.Optional(Type.String()),
    /** Our engine, beside an error that the service reported. */
    failureDetails: Type.Optional(FailureDetailsViewSchema),
  },
  { $id: 'CompensationEvent' },
);
export type CompensationEventView = Static<typeof CompensationEventViewSchema>;

const OpenDeliverySchema = Type.Object(
  { executionId: Type.String(), timestamp: Timestamp({ description: 'When the request was sent, RFC 3339' }) },
  { $id: 'OpenDelivery' },
);
/** A request for a task that a service has and that has no outcome. */
export type OpenDelivery = Static<typeof OpenDeliverySchema>;

export const TaskInspectionSchema = Type.Object(
  {
    id: Type.String(),
    serviceId: Type.String(),
    serviceName: Type.String(),
    status: Literals(TASK_STATUSES),
    statusHistory: OrNull(List(TaskStatusEventSchema)),
    input: Type.Optional(AnyMembers()),
    output: Type.Optional(Type.Unknown()),
    error: Type.Optional(Type.String()),
    /** Our engine, beside an error that the service reported. */
    failureDetails: Type.Optional(FailureDetailsViewSchema),
    abortPayload: Type.Optional(Type.Unknown()),
    duration: Type.Number({ description: 'Nanoseconds between the first and the newest event' }),
    interimResults: OptionalList(InterimResultViewSchema),
    isRevertible: Type.Boolean(),
    /** Its members are in snake case, as on the Go engine. */
    compensation: Type.Optional(
      Type.Object({
        status: Literals(COMPENSATION_STATUSES),
        attempt: Type.Integer(),
        max_attempts: Type.Integer(),
        timestamp: Timestamp(),
        /** Our engine: a detail that `status` does not contain, such as `in_doubt` or `duplicate`. */
        detail: Type.Optional(Type.String()),
        /** Our engine, of a partial revert: what was undone. */
        completed: OptionalList(Type.String()),
        /** Our engine, of a partial revert: what is left to undo. */
        remaining: OptionalList(Type.String()),
      }),
    ),
    /**
     * Our engine, after the orchestration failed, was aborted or cancelled. `kept`: the task completed and its service
     * cannot revert it, so an effect remains if the task had one; a service that only looks things up has none.
     * `unknown`: the task may have had an effect and has no outcome.
     */
    effect: Type.Optional(Literals(['kept', 'unknown'])),
    /**
     * Our engine, of a completed task: requests under its key that another connection had when it completed, and that have
     * no outcome yet. Their processes were asked to stop. Absent if there are none, and when late results are no longer accepted.
     */
    openDeliveries: OptionalList(OpenDeliverySchema),
    /** Our engine: the output of a success that arrived after the engine gave up the task or an operator decided. */
    lateOutput: Type.Optional(Type.Unknown()),
    compensationHistory: OptionalList(CompensationEventViewSchema),
  },
  { $id: 'TaskInspection' },
);
export type TaskInspection = Static<typeof TaskInspectionSchema>;

export const AbortInfoSchema = Type.Object({
  taskId: Type.String(),
  serviceId: Type.String(),
  serviceName: Type.String(),
  payload: Type.Optional(Type.Unknown()),
});
export type AbortInfo = Static<typeof AbortInfoSchema>;

/** A result or a compensation that an ended orchestration waits for. */
export const WaitingForSchema = Type.Object({
  taskId: Type.String(),
  what: Type.String({ description: 'What the orchestration waits for, such as the outcome or the revert of the task' }),
  until: Type.Optional(Timestamp({ description: 'RFC 3339; the wait ends then at the latest' })),
});
export type WaitingFor = Static<typeof WaitingForSchema>;

export const OrchestrationInspectionSchema = Type.Object(
  {
    id: Type.String(),
    status: Literals(ORCHESTRATION_STATUSES),
    action: Type.String(),
    timestamp: Timestamp({ description: 'Time of the last status change, RFC 3339' }),
    error: Type.Optional(Type.Unknown()),
    results: OptionalList(Type.Unknown()),
    duration: Type.Number({ description: 'Nanoseconds since `timestamp`' }),
    abortInfo: Type.Optional(AbortInfoSchema),
    /** Our engine: what is missing before the orchestration is settled; absent once it is settled. */
    waitingFor: OptionalList(WaitingForSchema),
    tasks: OptionalList(TaskInspectionSchema),
    planSource: Type.Optional(PlanSourceViewSchema),
    planning: Type.Optional(PlanningViewSchema),
    groundingHit: Type.Optional(GroundingHitViewSchema),
    /** Our engine: the problems of the plan of an orchestration that could not be planned. */
    planProblems: OptionalList(PlanProblemViewSchema),
    /** Our engine: names of the services nearest to an action that is not actionable. */
    nearestServices: OptionalList(Type.String()),
    /** Our engine: the data that tasks refer to as `$task0`; absent until there is a plan. */
    taskZero: Type.Optional(AnyMembers({ description: 'The data that tasks refer to as $task0' })),
    /** Our engine: as in `OrchestrationView`. */
    constants: Type.Optional(ConstantsSchema),
    metadata: Type.Optional(MetadataSchema),
  },
  { $id: 'OrchestrationInspection' },
);
export type OrchestrationInspection = Static<typeof OrchestrationInspectionSchema>;
