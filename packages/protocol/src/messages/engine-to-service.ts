/** Messages from an engine to a service, without a wrapper and without an ACK: `docs/protocol.md#messages`. */
import { Type, type Static } from '@sinclair/typebox';

export const PingSchema = Type.Object({
  type: Type.Literal('ping'),
  serviceId: Type.Optional(Type.String()),
});
export type Ping = Static<typeof PingSchema>;

/** The message was decoded; on our engine: and its change is committed (E1). */
export const AckSchema = Type.Object({
  type: Type.Literal('ACK'),
  /** The wrapper's id. */
  id: Type.String(),
});
export type Ack = Static<typeof AckSchema>;

export const TaskRequestSchema = Type.Object({
  type: Type.Literal('task_request'),
  /** Task id within its plan. */
  id: Type.String(),
  input: Type.Unknown(),
  /** Differs for every attempt. */
  executionId: Type.String(),
  /** The same for all attempts: services deduplicate on it. */
  idempotencyKey: Type.String({ minLength: 1 }),
  serviceId: Type.String(),
  /** The following five are sent only to services that asked for `task-meta`. */
  attempt: Type.Optional(Type.Integer({ minimum: 1 })),
  timeoutMs: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  orchestrationId: Type.Optional(Type.String()),
  metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** An earlier attempt may have run or may still run, and its outcome is not known (E12). */
  inDoubt: Type.Optional(Type.Boolean()),
});
export type TaskRequest = Static<typeof TaskRequestSchema>;

/**
 * Asks a service that announced `task-cancel` to stop a task. The service responds with the stored outcome or with a
 * `task_status`, and does not start this key again (E10).
 */
export const TaskCancelSchema = Type.Object({
  type: Type.Literal('task_cancel'),
  /** Task id within its plan. */
  id: Type.String(),
  idempotencyKey: Type.String({ minLength: 1 }),
  /** The attempt that was sent over this connection, if one was. */
  executionId: Type.Optional(Type.String()),
  serviceId: Type.String(),
});
export type TaskCancel = Static<typeof TaskCancelSchema>;

export const CompensationContextSchema = Type.Object({
  orchestrationId: Type.String(),
  /** `failed` or `aborted`; an engine may send others. */
  reason: Type.String(),
  /** The abort payload or failure object, if there is one. */
  payload: Type.Optional(Type.Unknown()),
  /** RFC 3339. */
  timestamp: Type.String(),
});
export type WireCompensationContext = Static<typeof CompensationContextSchema>;

const PartialRevertSchema = Type.Object({
  completed: Type.Array(Type.String()),
  remaining: Type.Array(Type.String()),
});

export const CompensationRequestSchema = Type.Object({
  type: Type.Literal('compensation_request'),
  id: Type.String(),
  /**
   * The `compensation.data` that the service sent with its result, unchanged; null if it sent none. In a revert without
   * output: `{originalTask: <the task_request>, taskResult: null}`.
   */
  input: Type.Unknown(),
  compensationContext: Type.Optional(Type.Union([CompensationContextSchema, Type.Null()])),
  executionId: Type.String(),
  idempotencyKey: Type.String({ minLength: 1 }),
  serviceId: Type.String(),
  /** The following three are sent only to services that asked for `task-meta`. */
  attempt: Type.Optional(Type.Integer({ minimum: 1 })),
  timeoutMs: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  /** The partial result of an earlier round of this revert. */
  previous: Type.Optional(PartialRevertSchema),
  /**
   * Set on a revert without output, which is sent only to services that announced `revert-failed` or `revert-unknown`:
   * whether the task failed or its outcome is unknown.
   */
  outcome: Type.Optional(Type.Union([Type.Literal('failed'), Type.Literal('unknown')])),
  /** Beside `outcome`: the idempotency key that the handler of the task had. */
  taskKey: Type.Optional(Type.String({ minLength: 1 })),
});
export type CompensationRequest = Static<typeof CompensationRequestSchema>;

export type EngineMessage = Ping | Ack | TaskRequest | TaskCancel | CompensationRequest;

/** One schema per `type`. */
export const ENGINE_MESSAGE_SCHEMAS = {
  ping: PingSchema,
  ACK: AckSchema,
  task_request: TaskRequestSchema,
  task_cancel: TaskCancelSchema,
  compensation_request: CompensationRequestSchema,
} as const;
