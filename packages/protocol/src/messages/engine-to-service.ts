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
  /** The following four are sent only to services that asked for `task-meta`. */
  attempt: Type.Optional(Type.Integer({ minimum: 1 })),
  timeoutMs: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  orchestrationId: Type.Optional(Type.String()),
  metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type TaskRequest = Static<typeof TaskRequestSchema>;

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

export const CompensationRequestSchema = Type.Object({
  type: Type.Literal('compensation_request'),
  id: Type.String(),
  /** The `compensation.data` that the service sent with its result, unchanged; null if it sent none. */
  input: Type.Unknown(),
  compensationContext: Type.Optional(Type.Union([CompensationContextSchema, Type.Null()])),
  executionId: Type.String(),
  idempotencyKey: Type.String({ minLength: 1 }),
  serviceId: Type.String(),
  /** The following two are sent only to services that asked for `task-meta`. */
  attempt: Type.Optional(Type.Integer({ minimum: 1 })),
  timeoutMs: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
});
export type CompensationRequest = Static<typeof CompensationRequestSchema>;

export type EngineMessage = Ping | Ack | TaskRequest | CompensationRequest;

/** One schema per `type`. */
export const ENGINE_MESSAGE_SCHEMAS = {
  ping: PingSchema,
  ACK: AckSchema,
  task_request: TaskRequestSchema,
  compensation_request: CompensationRequestSchema,
} as const;
