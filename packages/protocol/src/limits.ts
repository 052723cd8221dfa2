/**
 * Every number of the protocol, with the reason for it. Those of the Go engine were seen on the wire (protocol page,
 * sections 3.2, 4 and 6.5, and its appendix B).
 */

/** Period of the JSON ping and of the WebSocket ping: nine tenths of the pong wait, as the original's library has it. */
export const PING_INTERVAL_MS = 54_000;
/** A connection that has not answered for this long is dead: one ping period and six seconds for the answer. */
export const PONG_WAIT_MS = 60_000;
/** No ping for two periods plus slack: the engine has lost this link without closing it (L2). */
export const PING_WATCHDOG_MS = 2 * PING_INTERVAL_MS + 12_000;
/** Largest message, wrapper included, that the Go engine takes; one byte more closes the socket with 1009. */
export const GO_ENGINE_MAX_MESSAGE_BYTES = 10 * 1024;
/** Largest message our engine takes: what the published SDK contract promises. */
export const ENGINE_MAX_MESSAGE_BYTES = 10 * 1024 * 1024;
/** Largest message an SDK takes: inputs are not limited by the engine, so this only bounds memory. */
export const SDK_MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;
/** Largest HTTP request body our engine takes: as for messages. */
export const ENGINE_MAX_BODY_BYTES = 10 * 1024 * 1024;
/** The Go engine collects updates every 100 ms and loses those that a result overtakes: 130 ms was always enough, and 20 more (X5). */
export const UPDATE_SETTLE_MS = 150;
/** An outcome without an ACK is sent again after this long: as the published SDKs wait, and well over a round trip. */
export const ACK_TIMEOUT_MS = 5_000;

/** One attempt of a task may last this long unless its handler or the submitter says otherwise. */
export const DEFAULT_TASK_TIMEOUT_MS = 30_000;
/** Counted attempts of one task before it is given up: as the original, which its users rely on. */
export const TASK_MAX_ATTEMPTS = 5;
/** Wait before the second attempt; doubled for each further one. */
export const TASK_RETRY_BASE_MS = 2_000;
export const TASK_RETRY_CAP_MS = 30_000;
/** Share by which waits are varied, so that tasks that failed together do not return together. */
export const RETRY_JITTER = 0.1;
/** A task waits this long for its service to be connected before it fails. */
export const DEFAULT_HEALTH_GRACE_MS = 30 * 60_000;

export const COMPENSATION_MAX_ATTEMPTS = 10;
export const COMPENSATION_TIMEOUT_MS = 30_000;
export const COMPENSATION_RETRY_BASE_MS = 2_000;
export const COMPENSATION_RETRY_CAP_MS = 60_000;
/** How long a finished task stays revertible unless its service says otherwise. */
export const DEFAULT_COMPENSATION_TTL_MS = 24 * 60 * 60_000;

/** Length in bytes and form of the names of services, plans and groundings. */
export const NAME_MIN_BYTES = 3;
export const NAME_MAX_BYTES = 63;
export const NAME_PATTERN = /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/;

/** Tasks in one plan: above anything a person or a model writes, below what would hurt the engine (E8). */
export const PLAN_MAX_TASKS = 200;
/** Tasks in the longest chain of a plan, each waiting for the one before: what takes that many turns is a loop that somebody unrolled. */
export const PLAN_MAX_DEPTH = 50;

/** Levels of a service's schema: far above any DTO, below what would exhaust the stack of whoever walks it. */
export const SCHEMA_MAX_DEPTH = 64;

/** Service restart: sent to every socket when the engine stops, so that clients return soon. */
export const CLOSE_SERVICE_RESTART = 1012;
/** A message was larger than the limit. */
export const CLOSE_MESSAGE_TOO_BIG = 1009;

/** Header with the engine's version on every routed answer, spelt as the original spells it. */
export const VERSION_HEADER = 'X-Orra-PlaneEngine-Version';
/** Version of the public Go engine whose protocol this is. */
export const PROTOCOL_VERSION = '0.2.5';

/** Says what is wrong with a service, plan or grounding name, or nothing. */
export function nameProblem(name: string): string | undefined {
  const bytes = new TextEncoder().encode(name).length;
  if (bytes < NAME_MIN_BYTES || bytes > NAME_MAX_BYTES) {
    return `must be ${NAME_MIN_BYTES} to ${NAME_MAX_BYTES} characters long, it has ${bytes}`;
  }
  if (!NAME_PATTERN.test(name)) {
    return 'may hold only lower-case letters, digits, "-" and ".", and must begin and end with a letter or digit';
  }
  return undefined;
}
