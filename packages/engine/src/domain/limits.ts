/**
 * Limits on what one project or request can store and show (E8), each with its reason. `docs/protocol.md#limits` lists
 * those that a caller can reach. Characters are UTF-16 code units.
 */

/** Longest name of a project: lists and logs show it. */
export const PROJECT_NAME_MAX_LENGTH = 200;
/** API keys that a registration may bring, and their length: a shorter key could be guessed. */
export const ADDITIONAL_KEYS_MAX = 10;
export const ADDITIONAL_KEY_MIN_LENGTH = 32;
export const ADDITIONAL_KEY_MAX_LENGTH = 256;
/** API keys of one project; they stay in memory. */
export const PROJECT_KEYS_MAX = 100;

/** Webhooks of one project and kind: every message is sent to each of them. */
export const PROJECT_WEBHOOKS_MAX = 32;
export const WEBHOOK_URL_MAX_LENGTH = 2048;

/** Services of one project: they stay in memory, and planners read all of them. */
export const PROJECT_SERVICES_MAX = 1_000;
/** Longest description of a service or a plan: a prompt contains those of many services. */
export const DESCRIPTION_MAX_LENGTH = 10_000;
/** Schemas of one service, input and output together, as JSON: they stay in memory, and each plan is checked with them. */
export const SERVICE_SCHEMA_MAX_BYTES = 256 * 1024;
/** Capabilities of one service as JSON. */
export const SERVICE_CAPABILITIES_MAX_BYTES = 16 * 1024;

/** One defined plan as JSON: the newest version of each name stays in memory. */
export const DEFINED_PLAN_MAX_BYTES = 1024 * 1024;
/** Metadata of one orchestration as JSON: every task request carries them. */
export const METADATA_MAX_BYTES = 16 * 1024;

/** Values shown instead of references in the inputs of one inspection; later references are shown as written. */
export const INSPECTION_INPUTS_MAX_BYTES = 16 * 1024 * 1024;
