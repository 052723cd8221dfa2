/** Error answers as the original writes them: protocol page, section 1.6. */
import { OrraError } from '@orra-ts/common';
import type { PlanProblemView, WireErrorBody } from '@orra-ts/protocol';

/** `kind` strings of the original. */
export type ErrorKind =
  | 'invalid operation'
  | 'item does not exist'
  | 'item already exists'
  | 'input validation error'
  | 'invalid request error'
  | 'internal error'
  | 'unanticipated error';

export interface FailureMembers {
  readonly kind: ErrorKind;
  readonly code?: string;
  readonly param?: string;
  readonly message: string;
  readonly problems?: readonly PlanProblemView[];
}

/** Ends a request with an error body. Thrown by what handles requests, written in one place. */
export class WireFailure extends OrraError {
  readonly body: WireErrorBody;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly status: number,
    members: FailureMembers,
    options: { readonly retryAfterSeconds?: number } = {},
  ) {
    super('ORRA_REQUEST_REFUSED', members.message, { details: { status, ...members } });
    const { kind, code, param, message, problems } = members;
    this.body = {
      error: {
        kind,
        code: code || undefined,
        param: param || undefined,
        message,
        problems,
      },
    };
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The answer to a header that is missing or malformed: 403 with an empty body. */
export class Forbidden extends OrraError {
  constructor() {
    super('ORRA_FORBIDDEN', 'the Authorization header must be `Bearer <key>`');
  }
}

/** What the original says of errors that its library did not build. */
export const UNANTICIPATED: FailureMembers = {
  kind: 'unanticipated error',
  code: 'Unanticipated',
  message: 'Unexpected error - contact support',
};

const NOT_ACTIONABLE_PREFIX = 'preparation failed with status not_actionable: ';

/** Anything a handler threw, as an answer; undefined when it is a defect, which is logged and answered without details. */
export function toWireFailure(thrown: unknown): WireFailure | undefined {
  if (thrown instanceof WireFailure) return thrown;
  if (!(thrown instanceof OrraError)) return undefined;
  const { code, message, details } = thrown;
  switch (code) {
    case 'ORRA_INVALID_SUBMISSION':
      return new WireFailure(400, { kind: 'invalid request error', code: 'Orra:ActionCannotExecute', message });
    case 'ORRA_NOT_ACTIONABLE':
      return new WireFailure(400, {
        kind: 'invalid request error',
        code: 'Orra:ActionNotActionable',
        message: message.startsWith(NOT_ACTIONABLE_PREFIX) ? message : NOT_ACTIONABLE_PREFIX + message,
      });
    case 'ORRA_PLANNING_FAILED':
      return details['invalid'] === true
        ? new WireFailure(400, { kind: 'invalid request error', code: 'Orra:ActionCannotExecute', message })
        : new WireFailure(500, { kind: 'unanticipated error', code: 'Orra:ActionCannotExecute', message });
    case 'ORRA_PLANNING_CANCELLED':
      return new WireFailure(500, { kind: 'unanticipated error', code: 'Orra:ActionCannotExecute', message });
    case 'ORRA_PLAN_INVALID':
      return new WireFailure(400, {
        kind: 'input validation error',
        param: 'plan',
        message,
        problems: details['problems'] as readonly PlanProblemView[],
      });
    case 'ORRA_GROUNDING_INVALID':
      return new WireFailure(400, { kind: 'invalid request error', param: String(details['param']), message });
    case 'ORRA_GROUNDING_VERSION':
      return new WireFailure(400, { kind: 'invalid operation', param: 'version', message });
    case 'ORRA_GROUNDING_UNKNOWN':
      return new WireFailure(500, { kind: 'unanticipated error', message });
    case 'ORRA_INVALID_POSITION':
      return new WireFailure(400, { kind: 'invalid request error', param: 'lastEventId', message });
    case 'ORRA_WEBHOOK_INVALID':
      return new WireFailure(400, { kind: 'input validation error', message });
    case 'ORRA_API_KEY_TAKEN':
      // The original re-points such a key to the new project: whoever knows a key could take it over.
      return new WireFailure(400, {
        kind: 'input validation error',
        param: 'additionalAPIKeys',
        message: 'additionalAPIKeys: one of these keys is in use already; give keys that no project has',
      });
    case 'ORRA_SERVICE_INVALID':
    case 'ORRA_SERVICE_UNKNOWN':
      return new WireFailure(500, { kind: 'unanticipated error', message });
    case 'ORRA_ENGINE_STOPPING':
      return new WireFailure(
        503,
        { kind: 'unanticipated error', code: 'Orra:PlanEngineShuttingDown', message },
        thrown.retryable ? { retryAfterSeconds: 1 } : {},
      );
    case 'ORRA_ENGINE_FULL':
      return new WireFailure(503, { kind: 'unanticipated error', message }, { retryAfterSeconds: 5 });
    case 'ORRA_JOURNAL_WRITE_FAILED':
      return new WireFailure(500, { kind: 'internal error', message });
    default:
      return undefined;
  }
}
