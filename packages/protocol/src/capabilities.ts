/**
 * How an engine and an SDK of ours tell each other what they can do beyond the public protocol. Parties that say nothing
 * are treated as the Go engine and its SDKs. Design, section 4.
 */
import { Type, type Static } from '@sinclair/typebox';

/** What our engine adds to its registration reply. */
export const EngineCapabilitiesSchema = Type.Object(
  {
    version: Type.Integer(),
    /** Largest message, wrapper included, that the engine takes. */
    maxMessageBytes: Type.Optional(Type.Integer({ minimum: 1 })),
    pingIntervalMs: Type.Optional(Type.Integer({ minimum: 1 })),
    /** The key may travel in an `Authorization` header of the upgrade instead of the query. */
    headerAuth: Type.Optional(Type.Boolean()),
    /** Messages of one socket are processed in the order sent: an outcome never overtakes an update. */
    orderedUpdates: Type.Optional(Type.Boolean()),
    /** `failure` beside `error` is read. */
    failureDetails: Type.Optional(Type.Boolean()),
    /** A registration without id but `identity: "name"` is answered with the id that name has. */
    identityByName: Type.Optional(Type.Boolean()),
    /** Defined plans can be registered. */
    plans: Type.Optional(Type.Boolean()),
  },
  { $id: 'EngineCapabilities' },
);
export type EngineCapabilities = Static<typeof EngineCapabilitiesSchema>;

/** What an SDK may ask for: `task-meta` adds attempt, timeoutMs, orchestrationId and metadata to `task_request`. */
export const SDK_CAPABILITIES = ['task-meta'] as const;
export type SdkCapability = (typeof SDK_CAPABILITIES)[number];
