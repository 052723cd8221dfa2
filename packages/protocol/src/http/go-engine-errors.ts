/**
 * The strings of the Go engine's error responses. Both engines send them, and programs compare them: the Go CLI, existing
 * SDKs, and our own client. They must stay byte for byte; any other message may be reworded.
 */

/** Values of `error.kind`. */
export const GO_ERROR_KINDS = {
  invalidOperation: 'invalid operation',
  unknownItem: 'item does not exist',
  itemExists: 'item already exists',
  invalidInput: 'input validation error',
  invalidRequest: 'invalid request error',
  internal: 'internal error',
  unanticipated: 'unanticipated error',
} as const;
export type GoErrorKind = (typeof GO_ERROR_KINDS)[keyof typeof GO_ERROR_KINDS];

/** Values of `error.code`. */
export const GO_ERROR_CODES = {
  actionCannotExecute: 'Orra:ActionCannotExecute',
  actionNotActionable: 'Orra:ActionNotActionable',
  undecodableBody: 'Orra:JSONMarshalingFail',
  shuttingDown: 'Orra:PlanEngineShuttingDown',
  unknownOrchestration: 'Orra:UnknownOrchestration',
  unanticipated: 'Unanticipated',
} as const;
export type GoErrorCode = (typeof GO_ERROR_CODES)[keyof typeof GO_ERROR_CODES];

/** Values of `error.message`, or the beginnings of them (`…Prefix`); `plain…` and `noUpgrade` are parts of plain text. */
export const GO_ERROR_MESSAGES = {
  /** The Go engine appends the key; ours does not. */
  unknownKey: 'no project found with the given API key',
  notActionablePrefix: 'preparation failed with status not_actionable: ',
  unknownOrchestrationPrefix: 'unknown orchestration: ',
  unknownCompensationFailure: 'failed compensation not found',
  unknownGrounding: 'grounding spec not found',
  invalidServicePrefix: 'service validation error',
  unknownService: (id: string) => `service with key ${id} not found: service not found`,
  unknownServicePattern: /service with key .* not found/i,
  groundingExists: (projectId: string, name: string, version: string) =>
    `project ${projectId} already has a grounding spec with name ${name} and version ${version}`,
  /** Only the Go engine: right after a submission it cannot show the orchestration. */
  notYetVisiblePrefix: 'log not found',
  missingWebhookPattern: /at least one webhook/i,
  noServicesPattern: /no services/i,
  unmatchedGroundingPrefix: 'cannot match grounding specs',
  uncoveredGroundingPrefix: 'execution plan is invalid against domain',
  emptyBody: 'EOF',
  truncatedBody: 'unexpected EOF',
  invalidDurationPrefix: 'time: invalid duration ',
  unexpected: 'Unexpected error - contact support',
  /** Body of a 404 for a path that does not exist. */
  plainNotFound: '404 page not found\n',
  /** A request to `/ws` without a WebSocket handshake. */
  noUpgrade:
    "websocket: the client is not using the websocket protocol: 'upgrade' token not found in 'Connection' header",
} as const;
