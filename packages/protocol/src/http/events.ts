/**
 * The event stream of our engine (server-sent events): `GET /orchestrations/{id}/events` for one orchestration,
 * `GET /events` for a project. The `id` of each event is a position: a request with `Last-Event-ID` continues after it.
 */
import { Type, type Static } from '@sinclair/typebox';
import {
  COMPENSATION_STATUSES,
  ORCHESTRATION_STATUSES,
  TASK_STATUSES,
  type CompensationStatus,
  type OrchestrationStatus,
  type TaskStatus,
} from '../status';
import { Literals, OptionalList, Timestamp } from '../typebox';
import { FailureDetailsViewSchema } from './failure-details';

const typesOf = <P extends string, S extends string>(prefix: P, statuses: readonly S[]): `${P}.${S}`[] =>
  statuses.map((status) => `${prefix}.${status}` as const);

const aboutOrchestration = { orchestrationId: Type.String(), timestamp: Timestamp() };
const aboutTask = { ...aboutOrchestration, taskId: Type.String(), serviceName: Type.String() };

export const StreamEventSchema = Type.Union(
  [
    Type.Object({
      type: Literals<`orchestration.${OrchestrationStatus}`>(typesOf('orchestration', ORCHESTRATION_STATUSES)),
      ...aboutOrchestration,
      action: Type.Optional(Type.String()),
      results: OptionalList(Type.Unknown()),
      error: Type.Optional(Type.Unknown()),
      abortReason: Type.Optional(Type.Unknown()),
    }),
    Type.Object({
      type: Literals<`task.${TaskStatus}`>(typesOf('task', TASK_STATUSES)),
      ...aboutTask,
      attempt: Type.Optional(Type.Integer()),
      error: Type.Optional(Type.String()),
      /** Beside an error that the service reported. */
      failureDetails: Type.Optional(FailureDetailsViewSchema),
      /** When the next attempt begins; absent with an error: that attempt was the last. */
      retryAt: Type.Optional(Timestamp()),
    }),
    Type.Object({ type: Type.Literal('task.update'), ...aboutTask, data: Type.Unknown() }),
    Type.Object({
      type: Literals<`compensation.${CompensationStatus}`>(typesOf('compensation', COMPENSATION_STATUSES)),
      ...aboutTask,
      attempt: Type.Optional(Type.Integer()),
      error: Type.Optional(Type.String()),
      /** Beside an error that the service reported. */
      failureDetails: Type.Optional(FailureDetailsViewSchema),
      /** Kind of the record, where the type does not name it: `in_doubt` or `duplicate`. */
      detail: Type.Optional(Type.String()),
      /** Partial reverts only: what was undone, and what is left to undo. */
      completed: OptionalList(Type.String()),
      remaining: OptionalList(Type.String()),
    }),
  ],
  { $id: 'StreamEvent' },
);
export type StreamEvent = Static<typeof StreamEventSchema>;

/** Response of `POST /orchestrations/{id}/tokens`: lets a browser read one orchestration without the project's key. */
export const ReadTokenSchema = Type.Object({ token: Type.String(), expiresAt: Timestamp() }, { $id: 'ReadToken' });
export type ReadToken = Static<typeof ReadTokenSchema>;

/** How long a read token is valid. */
export const READ_TOKEN_TTL_MS = 15 * 60_000;
