/** Compensations that were given up, for a person to look at: protocol page, section 6.7. */
import { Type, type Static } from '@sinclair/typebox';

export type ResolutionState = 'pending' | 'resolved' | 'ignored';

export interface CompensationFailureView {
  /** `c_…`. */
  readonly id: string;
  readonly projectId: string;
  readonly orchestrationId: string;
  readonly taskId: string;
  readonly serviceId: string;
  readonly serviceName: string;
  readonly compensationData: {
    readonly data: unknown;
    readonly context: {
      readonly orchestrationId: string;
      readonly reason: string;
      readonly payload?: unknown;
      readonly timestamp: string;
    } | null;
    /** Milliseconds. */
    readonly ttl: number;
  };
  readonly status: 'failed' | 'expired';
  readonly resolutionState: ResolutionState;
  readonly failure?: string;
  /** The reason given with resolve or ignore. */
  readonly resolution?: string;
  readonly attemptsMade: number;
  readonly maxAttempts: number;
  readonly timestamp: string;
  /** `0001-01-01T00:00:00Z` until it is resolved or ignored. */
  readonly resolvedAt: string;
}

/** Body of `resolve` and `ignore`: a JSON body is needed, the reason is not. */
export const ResolutionSchema = Type.Object({ reason: Type.Optional(Type.Union([Type.String(), Type.Null()])) });
export type Resolution = Static<typeof ResolutionSchema>;

/** What the original writes for a time that is not set. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';
