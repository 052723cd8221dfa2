/**
 * Capabilities: our engine and our SDK announce the additions to the public protocol that they support. A party that
 * announces nothing is treated as the Go engine or one of its SDKs: `docs/protocol.md#capabilities`.
 */
import { Type, type Static } from '@sinclair/typebox';

/** Capabilities in our engine's response to a registration. */
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
    /**
     * A `task_status` that the service sends right after connecting makes this connection the holder of its key (E12).
     */
    claims: Type.Optional(Type.Boolean()),
    /** A registration may have `jsonSchema` and `leftToService`. */
    jsonSchemas: Type.Optional(Type.Boolean()),
    /** Members with `x-sensitive` have a mask wherever people see them. */
    sensitiveMasks: Type.Optional(Type.Boolean()),
  },
  { $id: 'EngineCapabilities' },
);
export type EngineCapabilities = Static<typeof EngineCapabilitiesSchema>;

/**
 * Capabilities that an SDK can announce, in its registration and again in `CAPABILITIES_HEADER`:
 *
 *   task-meta        requests carry more members, such as `attempt` and `inDoubt`
 *   task-cancel      the SDK responds to `task_cancel`
 *   revert-failed    the service reverts a task that failed, without its output
 *   revert-unknown   the same for a task whose outcome is unknown
 */
export const SDK_CAPABILITIES = ['task-meta', 'task-cancel', 'revert-failed', 'revert-unknown'] as const;
export type SdkCapability = (typeof SDK_CAPABILITIES)[number];

/**
 * Header of the WebSocket upgrade with the capabilities of this connection, separated by commas. Replicas of one service
 * may differ, and its registration holds only those of the last one.
 *
 * In the response to `GET /health`, it has the capabilities of the engine that an SDK needs to know before it registers:
 * `identityByName` and `jsonSchemas`.
 */
export const CAPABILITIES_HEADER = 'X-Orra-Capabilities';

/** @param names without commas */
export const encodeCapabilities = (names: readonly string[]): string => names.join(', ');

/** Parses the header's value. Names that this version does not know are kept. */
export const parseCapabilities = (header: string): readonly string[] =>
  header
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
