/** Records for an operator: work that the engine could not undo, or whose effect is unknown. */
import { Type, type Static } from '@sinclair/typebox';
import { Literals, OptionalList, OptionalNullable, OrNull, Timestamp } from '../typebox';
import { FailureDetailsViewSchema } from './failure-details';

export type ResolutionState = 'pending' | 'resolved' | 'ignored';

export const RESOLUTION_STATES: readonly ResolutionState[] = ['pending', 'resolved', 'ignored'];

/** Why a record is on the list. Only our engine has the last three. */
export type CompensationFailureKind =
  /** The attempts are used up, or the service reported that it cannot revert. */
  | 'failed'
  /** The time to live passed before the task was reverted. */
  | 'expired'
  /** The service reverted a part and named the rest. */
  | 'partial'
  /** It is not known whether the task had an effect (E10). */
  | 'in_doubt'
  /** A second success of one key had another output (E12). */
  | 'duplicate';

export const COMPENSATION_FAILURE_KINDS: readonly CompensationFailureKind[] = [
  'failed',
  'expired',
  'partial',
  'in_doubt',
  'duplicate',
];

export const CompensationFailureViewSchema = Type.Object(
  {
    /** `c_…`. */
    id: Type.String(),
    projectId: Type.String(),
    orchestrationId: Type.String(),
    taskId: Type.String(),
    serviceId: Type.String(),
    serviceName: Type.String(),
    compensationData: Type.Object({
      data: Type.Unknown(),
      context: OrNull(
        Type.Object({
          orchestrationId: Type.String(),
          reason: Type.String(),
          payload: Type.Optional(Type.Unknown()),
          timestamp: Timestamp(),
        }),
      ),
      ttl: Type.Number({ description: 'Milliseconds' }),
    }),
    status: Literals(COMPENSATION_FAILURE_KINDS),
    resolutionState: Literals(RESOLUTION_STATES),
    /** The error of the service, or what the engine states about the record. */
    failure: Type.Optional(Type.String()),
    /** Our engine, if the service reported an error. */
    failureDetails: Type.Optional(FailureDetailsViewSchema),
    /** `partial` records only: what was undone. */
    completed: OptionalList(Type.String()),
    /** `partial` records only: what remains. */
    remaining: OptionalList(Type.String()),
    /** `duplicate` records only: the output that the orchestration used. */
    output: Type.Optional(Type.Unknown()),
    /** `duplicate` records only: the output of the second success, which `retry` reverts. */
    otherOutput: Type.Optional(Type.Unknown()),
    /** The output of a success that arrived after an operator resolved or ignored the record; nothing is reverted. */
    lateOutput: Type.Optional(Type.Unknown()),
    /** The reason given with resolve or ignore. */
    resolution: Type.Optional(Type.String()),
    attemptsMade: Type.Integer(),
    maxAttempts: Type.Integer(),
    timestamp: Timestamp(),
    resolvedAt: Timestamp({ description: 'RFC 3339; `0001-01-01T00:00:00Z` until it is resolved or ignored' }),
  },
  { $id: 'CompensationFailure' },
);
export type CompensationFailureView = Static<typeof CompensationFailureViewSchema>;

/** Response of `GET /compensation-failures`: null when there are none, as on the Go engine. */
export const CompensationFailureListSchema = OrNull(Type.Array(CompensationFailureViewSchema));

/** Body of `resolve`, `ignore` and `cancel`: an object, with an optional reason. */
export const ResolutionSchema = Type.Object({ reason: OptionalNullable(Type.String()) }, { $id: 'Resolution' });
export type Resolution = Static<typeof ResolutionSchema>;

/** The Go engine's value of a time that is not set. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';
