/** Messages from a service to an engine, each in a `{id, payload}` wrapper: `docs/protocol.md#messages`. */
import { Type, type Static } from '@sinclair/typebox';
import { OptionalList } from '../typebox';

/** Wrapper id that is never acknowledged. */
export const PONG_MESSAGE_ID = 'pong';

const Optional = { taskId: Type.Optional(Type.String()), executionId: Type.Optional(Type.String()) };

export const PongSchema = Type.Object({
  type: Type.Literal('pong'),
  serviceId: Type.String(),
});
export type Pong = Static<typeof PongSchema>;

/** The state of a key without an outcome, as a service reports it. */
export type TaskRunStatus =
  /** The handler runs. Also sent right after connecting, to engines that announce `claims` (E12). */
  | 'in_progress'
  /** Response to `task_cancel`: the handler has not started and will not start. */
  | 'not_started'
  /** Response to `task_cancel`: a process that crashed had started the handler. */
  | 'interrupted';

/** Response to a request whose key is already running, or to a `task_cancel`. */
export const TaskStatusMessageSchema = Type.Object({
  type: Type.Literal('task_status'),
  ...Optional,
  serviceId: Type.String(),
  idempotencyKey: Type.Optional(Type.String()),
  /** A `TaskRunStatus`; absent means `in_progress`. */
  status: Type.Optional(Type.String()),
});
export type TaskStatusMessage = Static<typeof TaskStatusMessageSchema>;

/** A progress update: `{"task": <update>}`. */
export const TaskInterimResultSchema = Type.Object({
  type: Type.Literal('task_interim_result'),
  ...Optional,
  serviceId: Type.String(),
  idempotencyKey: Type.String({ minLength: 1 }),
  result: Type.Object({ task: Type.Unknown() }),
});
export type TaskInterimResult = Static<typeof TaskInterimResultSchema>;

/** An abort: `{"task": <payload>}`; null, or an object without `task`, aborts without a payload. */
export const TaskAbortResultSchema = Type.Object({
  type: Type.Literal('task_abort_result'),
  ...Optional,
  serviceId: Type.String(),
  idempotencyKey: Type.String({ minLength: 1 }),
  result: Type.Union([Type.Object({ task: Type.Optional(Type.Unknown()) }), Type.Null()]),
});
export type TaskAbortResult = Static<typeof TaskAbortResultSchema>;

const errorMembers = {
  /** Such as `TypeError`. */
  name: Type.Optional(Type.String()),
  /** JSON that the service added for callers. */
  details: Type.Optional(Type.Unknown()),
};

/** A cause of a failure, or an inner error of an `AggregateError`. */
export const FailureCauseSchema = Type.Object(
  { message: Type.String(), code: Type.Optional(Type.String()), ...errorMembers },
  { $id: 'FailureCause' },
);
export type FailureCause = Static<typeof FailureCauseSchema>;

/** Sent beside `error` to engines that announce `failureDetails`. With `error` at most `FAILURE_MAX_BYTES` long. */
export const FailureDetailsSchema = Type.Object({
  code: Type.String(),
  ...errorMembers,
  /** Each followed by its own causes, five levels deep. */
  causes: OptionalList(FailureCauseSchema),
  /** False: no further attempt is made. */
  retryable: Type.Boolean(),
  /** The next attempt begins no sooner, in milliseconds. */
  retryAfterMs: Type.Optional(Type.Number({ minimum: 0 })),
  /**
   * `unknown`: the handler did not state whether its work had an effect (E10), for example because its output was
   * rejected. Absent means `none`: an error that the handler throws states that there is nothing to undo.
   */
  effect: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('unknown')])),
});
export type FailureDetails = Static<typeof FailureDetailsSchema>;

/** Data that a service sends with its result for a later revert; `data` is opaque to the engine. */
export const CompensationDataSchema = Type.Object({
  data: Type.Optional(Type.Unknown()),
  /** Time to live in milliseconds; absent, zero or negative means 24 hours. */
  ttl: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
});
export type CompensationData = Static<typeof CompensationDataSchema>;

/**
 * The result of a task, `{"task": <output>, "compensation": {data, ttl} | null}`, or of a revert, `{"status",
 * "partial"?, "error"?}`; a failure of either is `null` beside a non-empty `error`. Only the idempotency key tells
 * which of the two it is, so `readTaskOutcome` and `readRevertOutcome` read the shape.
 */
export const TaskResultSchema = Type.Object({
  type: Type.Literal('task_result'),
  ...Optional,
  serviceId: Type.String(),
  idempotencyKey: Type.String({ minLength: 1 }),
  result: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  error: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  failure: Type.Optional(Type.Union([FailureDetailsSchema, Type.Null()])),
});
export type TaskResult = Static<typeof TaskResultSchema>;

export type ServiceMessage = Pong | TaskStatusMessage | TaskInterimResult | TaskAbortResult | TaskResult;

export interface ServiceEnvelope<M extends ServiceMessage = ServiceMessage> {
  /** The ACK repeats it. */
  readonly id: string;
  readonly payload: M;
}

/** One schema per `type`. */
export const SERVICE_MESSAGE_SCHEMAS = {
  pong: PongSchema,
  task_status: TaskStatusMessageSchema,
  task_interim_result: TaskInterimResultSchema,
  task_abort_result: TaskAbortResultSchema,
  task_result: TaskResultSchema,
} as const;
