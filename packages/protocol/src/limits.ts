/**
 * Every number of the protocol, with its reason; `docs/protocol.md#constants` lists them. The numbers of the Go engine
 * come from recorded traffic.
 */

/** Period of the JSON ping and of the WebSocket ping: nine tenths of the pong wait, as on the Go engine. */
export const PING_INTERVAL_MS = 54_000;
/** A connection without a pong for this long is dead: one ping period and six seconds for the response. */
export const PONG_WAIT_MS = 60_000;
/** No ping for two periods plus slack: the engine has lost this link without closing it (L2). */
export const PING_WATCHDOG_MS = 2 * PING_INTERVAL_MS + 12_000;
/** Largest message that the Go engine accepts, wrapper included; one byte more closes the socket with 1009. */
export const GO_ENGINE_MAX_MESSAGE_BYTES = 10 * 1024;
/** Largest message that our engine accepts: the published contract of the SDKs promises it. */
export const ENGINE_MAX_MESSAGE_BYTES = 10 * 1024 * 1024;
/** Largest message that an SDK accepts: engines do not limit inputs, so this only bounds memory. */
export const SDK_MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;
/** Largest HTTP request body that our engine accepts: the same limit as for messages. */
export const ENGINE_MAX_BODY_BYTES = 10 * 1024 * 1024;
/** The Go engine reads updates every 100 ms and loses those that a result overtakes; 130 ms always sufficed, plus 20 ms (X5). */
export const UPDATE_SETTLE_MS = 150;
/** An outcome without an ACK is sent again after this long: as in the public SDKs, and far longer than a round trip. */
export const ACK_TIMEOUT_MS = 5_000;
/** Error message, name, code, details and causes of one failure: enough to recognize it, and logs and lists stay readable. */
export const FAILURE_MAX_BYTES = 16 * 1024;

/** Timeout of one attempt, unless the handler or the submitter sets another one. */
export const DEFAULT_TASK_TIMEOUT_MS = 30_000;
/** Attempts of one task before it fails: the value of the Go engine, on which users rely. */
export const TASK_MAX_ATTEMPTS = 5;
/** Back-off before the second attempt; it doubles for each further one. */
export const TASK_RETRY_BASE_MS = 2_000;
export const TASK_RETRY_CAP_MS = 30_000;
/** Share by which back-offs vary, so that tasks that failed together are not retried together. */
export const RETRY_JITTER = 0.1;
/** How long a task waits for its disconnected service before it fails. */
export const DEFAULT_HEALTH_GRACE_MS = 30 * 60_000;

export const COMPENSATION_MAX_ATTEMPTS = 10;
export const COMPENSATION_TIMEOUT_MS = 30_000;
export const COMPENSATION_RETRY_BASE_MS = 2_000;
export const COMPENSATION_RETRY_CAP_MS = 60_000;
/** How long a completed task stays revertible, unless its service sets another value. */
export const DEFAULT_COMPENSATION_TTL_MS = 24 * 60 * 60_000;
/** Longest time for which a revert waits for another one of the same orchestration: five minutes of retries (E6). */
export const COMPENSATION_HOLD_MS = 5 * 60_000;

/** How long an outcome may stay unknown after the attempt's limit: a reconnect and a repeated message need less (E10). */
export const DOUBT_MS = 60_000;
/** How long a late result of an ended orchestration is accepted: the default time to live of its revert (E5, E10). */
export const LATE_RESULT_MS = 24 * 60 * 60_000;
/** How long running work waits for a claim after an engine restart: the longest reconnect back-off of our SDK (E12). */
export const CLAIM_WAIT_MS = 30_000;

/** Length in bytes and pattern of the names of services, plans and groundings. */
export const NAME_MIN_BYTES = 3;
export const NAME_MAX_BYTES = 63;
export const NAME_PATTERN = /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/;

/** Maximum tasks of a plan: more than plans need, less than what slows the engine (E8). */
export const PLAN_MAX_TASKS = 200;
/** Longest chain of tasks in a plan, each waiting for the one before; a longer one is an unrolled loop. */
export const PLAN_MAX_DEPTH = 50;

/** Maximum levels of a service's schema: deeper than any DTO, less than what exhausts the stack of a recursive walk. */
export const SCHEMA_MAX_DEPTH = 64;

/** Largest full JSON Schema of a service in a registration, in bytes: a prompt contains those of many services. */
export const JSON_SCHEMA_MAX_BYTES = 16 * 1024;

/** Service restart: sent to every socket when the engine stops, so that clients reconnect soon. */
export const CLOSE_SERVICE_RESTART = 1012;
/** A message exceeded the limit. */
export const CLOSE_MESSAGE_TOO_BIG = 1009;

/** Header with the engine's version on every routed response, spelt as by the Go engine. */
export const VERSION_HEADER = 'X-Orra-PlaneEngine-Version';
/** Version of the public Go engine whose protocol this is. */
export const PROTOCOL_VERSION = '0.2.5';

/** Returns the problem of the name of a service, plan or grounding; undefined when it is valid. */
export function nameProblem(name: string): string | undefined {
  const bytes = new TextEncoder().encode(name).length;
  if (bytes < NAME_MIN_BYTES || bytes > NAME_MAX_BYTES) {
    return `must be ${NAME_MIN_BYTES} to ${NAME_MAX_BYTES} characters long, it has ${bytes}`;
  }
  if (!NAME_PATTERN.test(name)) {
    return 'may contain only lower-case letters, digits, "-" and ".", and must begin and end with a letter or digit';
  }
  return undefined;
}
