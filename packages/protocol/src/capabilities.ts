/**
 * How our engine and our SDK announce what they support beyond the public protocol. A party that announces nothing is
 * treated as the Go engine or one of its SDKs: `docs/protocol.md#capabilities`.
 */
import { Type, type Static } from '@sinclair/typebox';

/** What our engine adds to its response to a registration. */
export const EngineCapabilitiesSchema = Type.Object(
  {
    version: Type.Integer(),
    /** Largest message that the engine accepts, in bytes, wrapper included. */
    maxMessageBytes: Type.Optional(Type.Integer({ minimum: 1 })),
    pingIntervalMs: Type.Optional(Type.Integer({ minimum: 1 })),
    /** The key may be sent in the `Authorization` header of the upgrade request instead of the query. */
    headerAuth: Type.Optional(Type.Boolean()),
    /** Messages of one socket are processed in the order sent: an outcome never overtakes an update. */
    orderedUpdates: Type.Optional(Type.Boolean()),
    /** The engine reads `failure` beside `error`. */
    failureDetails: Type.Optional(Type.Boolean()),
    /** A registration without an id but with `identity: "name"` receives the id that its name has. */
    identityByName: Type.Optional(Type.Boolean()),
    /** The engine accepts defined plans. */
    plans: Type.Optional(Type.Boolean()),
  },
  { $id: 'EngineCapabilities' },
);
export type EngineCapabilities = Static<typeof EngineCapabilitiesSchema>;

/** What an SDK may ask for: `task-meta` adds `attempt`, `timeoutMs`, `orchestrationId` and `metadata` to `task_request`. */
export const SDK_CAPABILITIES = ['task-meta'] as const;
export type SdkCapability = (typeof SDK_CAPABILITIES)[number];
