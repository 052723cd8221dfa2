/** Compensations that the engine gave up, for an operator to resolve. */
import { Type, type Static } from '@sinclair/typebox';
import { Literals, OptionalNullable, OrNull, Timestamp } from '../typebox';

export type ResolutionState = 'pending' | 'resolved' | 'ignored';

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
    status: Literals(['failed', 'expired']),
    resolutionState: Literals(['pending', 'resolved', 'ignored'] satisfies ResolutionState[]),
    failure: Type.Optional(Type.String()),
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

/** What the Go engine writes for a time that is not set. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';
