/**
 * Error registry of the engine. Each entry states its `wire` form: the HTTP response that the gateway sends, or that
 * the error is never sent. A code without a wire form does not compile.
 */
import {
  COMMON_ERRORS,
  errorBuilder,
  type ErrorEntry,
  type ErrorResponse,
  type OrraError,
  type OrraErrorCode,
  type OrraErrorOptions,
} from '@orra-ts/common';
import type { GoErrorCode, GoErrorKind } from '@orra-ts/protocol';

export interface WireForm extends ErrorResponse {
  readonly kind?: GoErrorKind;
  readonly code?: GoErrorCode;
  /** Replaces the message of the error, which may say too much. */
  readonly message?: string;
  /** Value of `Retry-After` when the error is retryable. */
  readonly retryAfterSeconds?: number;
}

interface EngineErrorEntry extends ErrorEntry {
  readonly wire: WireForm | 'task failure' | 'not sent';
}

const defineEngineErrors = <const Code extends OrraErrorCode>(
  entries: Readonly<Record<Code, EngineErrorEntry>>,
): Readonly<Record<Code, EngineErrorEntry>> => entries;

const STORAGE_REMEDY =
  'Set another folder (option `storage`, environment variable `STORAGE_PATH`), or repair this one.';

export const ENGINE_ERRORS = defineEngineErrors({
  // Requests
  ORRA_INVALID_SUBMISSION: {
    cause: 'The action, the data, the plan or an option of a submission is invalid.',
    remedy: 'Correct what the message names.',
    wire: { status: 400, kind: 'invalid request error', code: 'Orra:ActionCannotExecute' },
  },
  ORRA_NOT_ACTIONABLE: {
    ...COMMON_ERRORS.ORRA_NOT_ACTIONABLE,
    wire: { status: 400, kind: 'invalid request error', code: 'Orra:ActionNotActionable' },
  },
  ORRA_PLANNING_FAILED: {
    cause: 'The planner did not produce a plan: the model is unavailable, or its plans were not valid.',
    remedy: 'See the reason in the message and check the options of the model, or pin a plan for the action.',
    wire: { status: 500, kind: 'unanticipated error', code: 'Orra:ActionCannotExecute' },
  },
  ORRA_PLANNING_CANCELLED: {
    cause: 'The orchestration was cancelled while it was planned, for example because its submitter disconnected.',
    remedy: 'Submit the action again if it is still needed.',
    wire: { status: 500, kind: 'unanticipated error', code: 'Orra:ActionCannotExecute' },
  },
  ORRA_INVALID_PLAN: {
    ...COMMON_ERRORS.ORRA_INVALID_PLAN,
    wire: { status: 400, kind: 'input validation error', param: 'plan' },
  },
  ORRA_INVALID_RETRY: {
    cause: 'A record cannot be retried: nothing can revert it now.',
    remedy: 'Follow the message, or resolve or ignore the record.',
    wire: { status: 409, kind: 'invalid operation' },
  },
  ORRA_INVALID_GROUNDING: {
    ...COMMON_ERRORS.ORRA_INVALID_GROUNDING,
    // `param` is the field, from `details.param`.
    wire: { status: 400, kind: 'invalid request error' },
  },
  ORRA_GROUNDING_EXISTS: {
    ...COMMON_ERRORS.ORRA_GROUNDING_EXISTS,
    wire: { status: 400, kind: 'invalid operation', param: 'version' },
  },
  ORRA_UNKNOWN_GROUNDING: {
    ...COMMON_ERRORS.ORRA_UNKNOWN_GROUNDING,
    wire: { status: 500, kind: 'unanticipated error' },
  },
  ORRA_INVALID_SERVICE: {
    cause: 'The registration of a service has an invalid name, description or schema.',
    remedy: 'Correct the fields that the message names.',
    wire: { status: 500, kind: 'unanticipated error' },
  },
  ORRA_UNKNOWN_SERVICE: {
    ...COMMON_ERRORS.ORRA_UNKNOWN_SERVICE,
    wire: { status: 500, kind: 'unanticipated error' },
  },
  ORRA_SERVICE_TAKEN: {
    cause: 'The id of a service belongs to another project.',
    remedy: 'Register the service without an id to get a new one.',
    wire: 'not sent',
  },
  ORRA_INVALID_WEBHOOK: {
    ...COMMON_ERRORS.ORRA_INVALID_WEBHOOK,
    wire: { status: 400, kind: 'input validation error' },
  },
  ORRA_WEBHOOK_TIMEOUT: {
    cause: 'The receiver of a webhook did not respond in time. The engine retries the delivery.',
    remedy: 'Have the receiver respond before it does its work, or raise `timings.webhookTimeoutMs`.',
    retryable: true,
    wire: 'not sent',
  },
  ORRA_INVALID_POSITION: {
    cause: 'The position from which an event stream should continue is not one of this stream.',
    remedy: 'Pass the id of an event of the same stream as `lastEventId`, or none.',
    wire: { status: 400, kind: 'invalid request error', param: 'lastEventId' },
  },
  ORRA_LIMIT_EXCEEDED: {
    cause: 'A member of a request is larger than the engine stores, or a project has the maximum of what it adds.',
    remedy: 'Shorten what the message names; `docs/protocol.md#limits` lists the limits.',
    // `param` is the member, from `details.param`.
    wire: { status: 400, kind: 'input validation error' },
  },
  ORRA_API_KEY_TAKEN: {
    cause: 'An API key that was chosen for a project belongs to another project.',
    remedy: 'Choose another key, or let the engine create one.',
    wire: 'not sent',
  },
  ORRA_PLAN_VERSION_EXISTS: {
    cause: 'The plan already has this version, and a version never changes.',
    remedy: 'Register the plan again; the engine assigns the next version.',
    wire: 'not sent',
  },
  ORRA_PROJECT_EXISTS: { ...COMMON_ERRORS.ORRA_PROJECT_EXISTS, wire: 'not sent' },
  ORRA_UNKNOWN_PROJECT: { ...COMMON_ERRORS.ORRA_UNKNOWN_PROJECT, wire: 'not sent' },
  ORRA_UNAUTHORIZED: { ...COMMON_ERRORS.ORRA_UNAUTHORIZED, wire: { status: 403 } },
  ORRA_REQUEST_REFUSED: {
    cause: 'A route rejects a request; this error carries its status and body within the engine.',
    remedy: 'Correct what the response names.',
    wire: 'not sent',
  },

  // Tasks
  ORRA_MESSAGE_TOO_LARGE: {
    cause: 'A message to a service is larger than services accept, so the task fails.',
    remedy: 'Pass large values by reference to where they are stored.',
    wire: 'task failure',
  },
  ORRA_TASK_TIMEOUT: { ...COMMON_ERRORS.ORRA_TASK_TIMEOUT, wire: 'task failure' },
  ORRA_INTERRUPTED: { ...COMMON_ERRORS.ORRA_INTERRUPTED, wire: 'task failure' },
  ORRA_MISSING_REVERT_HANDLER: { ...COMMON_ERRORS.ORRA_MISSING_REVERT_HANDLER, wire: 'task failure' },
  ORRA_SERVICE_UNAVAILABLE: {
    cause:
      'The service of a task or of its revert remained disconnected for longer than the grace period, disconnected too often during one attempt, or is no longer registered.',
    remedy: 'Start the service and look for the reason in its log, or set a longer health grace period.',
    wire: 'task failure',
  },
  ORRA_UNREADABLE_OUTCOME: {
    cause: 'The service sent an outcome that does not follow the protocol, or a result without an output.',
    remedy: 'Correct what the message names; a handler must return its output.',
    wire: 'task failure',
  },
  ORRA_UNKNOWN_OUTCOME: {
    cause: 'The service received the task, and its outcome did not arrive before the task was decided.',
    remedy: 'Check the external system, then resolve or ignore the record (`orra compensation-failures`).',
    wire: 'task failure',
  },
  ORRA_REVERT_EXPIRED: {
    cause: 'The time during which a task can be reverted passed before its revert completed.',
    remedy: 'Undo the work by hand and resolve the record, or set a longer `ttl` of the revert handler.',
    wire: 'task failure',
  },

  // The engine itself
  ORRA_ENGINE_STOPPING: {
    cause: 'The engine is stopping.',
    remedy: 'Retry when the engine runs again, if `retryable` is true. Otherwise the submission is stored: inspect it.',
    retryable: 'sometimes',
    wire: {
      status: 503,
      kind: 'unanticipated error',
      code: 'Orra:PlanEngineShuttingDown',
      retryAfterSeconds: 1,
    },
  },
  ORRA_ENGINE_CLOSED: {
    cause: 'An `embeddedEngine()` that has been closed is started again.',
    remedy: 'Create a new one with `embeddedEngine()`.',
    wire: 'not sent',
  },
  ORRA_ENGINE_FULL: {
    cause: 'The engine holds the maximum number of open orchestrations, or of actions that are being planned.',
    remedy: 'Retry later. Look for disconnected services, pin plans, or raise `model.maxConcurrentCalls`.',
    retryable: true,
    wire: { status: 503, kind: 'unanticipated error', retryAfterSeconds: 5 },
  },
  ORRA_INVALID_OPTION: { ...COMMON_ERRORS.ORRA_INVALID_OPTION, wire: 'not sent' },
  ORRA_LISTEN_FAILED: { ...COMMON_ERRORS.ORRA_LISTEN_FAILED, wire: 'not sent' },
  ORRA_KEY_FILE_DAMAGED: {
    cause: "The file with the embedded engine's project keys cannot be read.",
    remedy: 'Restore the file, or remove it to begin with a new project.',
    wire: 'not sent',
  },

  // The model
  ORRA_MODEL_REFUSED: {
    cause: "The model's endpoint rejects the key, the name of the model or the request.",
    remedy: 'Check `LLM_API_KEY`, `LLM_MODEL` and `LLM_API_BASE_URL`, or the options of `model`.',
    wire: 'not sent',
  },
  ORRA_MODEL_UNAVAILABLE: {
    cause: "The model's endpoint cannot be reached, fails, or does not send chat completions, after all retries.",
    remedy: 'Check the endpoint (option `model.baseUrl`, environment variable `LLM_API_BASE_URL`).',
    retryable: true,
    wire: 'not sent',
  },
  ORRA_MODEL_TIMEOUT: {
    cause: 'The model did not respond, or did not produce a valid plan, in time.',
    remedy: 'Raise `model.callTimeout` or `model.timeout` (`LLM_CALL_TIMEOUT`, `LLM_TIMEOUT`), or use a faster model.',
    retryable: true,
    wire: 'not sent',
  },

  // Storage
  ORRA_JOURNAL_WRITE_FAILED: {
    cause: 'The journal cannot be written. Nothing of the write was stored, and the engine stops after a few retries.',
    remedy: 'Check that the disk of the storage folder has space and works, then start the engine again.',
    retryable: 'sometimes',
    wire: { status: 500, kind: 'internal error' },
  },
  ORRA_JOURNAL_OWNER_CHANGED: {
    cause: 'Another engine writes to the same journal, so this one stops.',
    remedy: 'Give each engine its own storage folder (option `storage`, environment variable `STORAGE_PATH`).',
    wire: 'not sent',
  },
  ORRA_CATALOG_WRITE_FAILED: {
    cause: 'A registration cannot be stored.',
    remedy: 'Check that the disk of the storage folder has space and works, then register again.',
    retryable: true,
    wire: 'not sent',
  },
  ORRA_STORAGE_CLOSED: {
    cause: 'The journal or the database was used after it was closed.',
    remedy: 'Open the engine again.',
    wire: 'not sent',
  },
  ORRA_HISTORY_UNREADABLE: {
    cause:
      'The stored events of one orchestration are damaged, or a newer version of the engine wrote them. The engine sets it aside; all others continue.',
    remedy:
      'Read the rows of the table `log` that the message names. Start the version of the engine that wrote them, or restore the storage folder from a copy.',
    wire: { status: 500, kind: 'unanticipated error' },
  },
  ORRA_STORAGE_DAMAGED: {
    cause: 'Events of an orchestration are missing in the journal.',
    remedy: 'Restore the storage folder from a copy, or start with an empty one.',
    wire: { status: 500, kind: 'unanticipated error' },
  },
  ORRA_STORAGE_FAILED: {
    cause: 'The database cannot be opened, for a reason without a more specific code.',
    remedy: STORAGE_REMEDY,
    wire: 'not sent',
  },
  ORRA_STORAGE_LOCKED: {
    cause: 'Another engine or program uses the database.',
    remedy: 'Stop the other one, or set another folder (option `storage`, environment variable `STORAGE_PATH`).',
    retryable: true,
    wire: 'not sent',
  },
  ORRA_STORAGE_NEWER: {
    cause: 'A newer version of the engine has written the database.',
    remedy: 'Start that version, or set another folder (option `storage`, environment variable `STORAGE_PATH`).',
    wire: 'not sent',
  },
  ORRA_STORAGE_NOT_WRITABLE: {
    cause: 'The database file cannot be written.',
    remedy: 'Check owner, permissions and free space, or set another folder (`storage`, `STORAGE_PATH`).',
    wire: 'not sent',
  },
  ORRA_INVALID_STORAGE: {
    cause: 'The storage folder cannot be created, or is a file.',
    remedy: STORAGE_REMEDY,
    wire: 'not sent',
  },
  ORRA_INVALID_DATABASE: {
    cause: 'The file in the storage folder is damaged, or is not a database of the engine.',
    remedy: 'Move the file away, restore it from a copy, or set another folder (`storage`, `STORAGE_PATH`).',
    wire: 'not sent',
  },
  ORRA_MISSING_SQL_DRIVER: {
    cause: 'No SQLite driver can be loaded.',
    remedy: 'Use Node 22.13 or newer, or install the package libsql with its optional dependencies.',
    wire: 'not sent',
  },
});

export type EngineErrorCode = keyof typeof ENGINE_ERRORS;

export const engineError = errorBuilder(ENGINE_ERRORS);

/** The same error with another message or other options. For errors that `engineError` created. */
export const rewordedError = (error: OrraError, message: string, options: OrraErrorOptions = {}): OrraError =>
  engineError(error.code as EngineErrorCode, message, {
    details: error.details,
    retryable: error.retryable,
    ...options,
  });

/** The HTTP response for a code; undefined: the error is a defect if it reaches a request. */
export function wireFormOf(code: string): WireForm | undefined {
  const wire = Object.hasOwn(ENGINE_ERRORS, code) ? ENGINE_ERRORS[code as EngineErrorCode].wire : undefined;
  return typeof wire === 'object' ? wire : undefined;
}
