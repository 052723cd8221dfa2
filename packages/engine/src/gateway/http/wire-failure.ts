/** Error responses in the form of the Go engine: see `docs/protocol.md#error-responses`. */
import { OrraError } from '@orra-ts/common';
import {
  GO_ERROR_MESSAGES,
  type GoErrorCode,
  type GoErrorKind,
  type PlanProblemView,
  type WireErrorBody,
} from '@orra-ts/protocol';
import { wireFormOf } from '../../errors';

/** Codes of our engine alone. */
type OwnErrorCode = 'Orra:UnknownPlan';

export interface FailureMembers {
  readonly kind: GoErrorKind;
  readonly code?: GoErrorCode | OwnErrorCode;
  readonly param?: string;
  readonly message: string;
  readonly problems?: readonly PlanProblemView[];
}

/** Ends a request with an error body. Routes throw it; one place writes the response. */
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

/** The response to a missing or malformed header: 403 with an empty body. */
export class Forbidden extends OrraError {
  constructor() {
    super('ORRA_UNAUTHORIZED', 'the Authorization header must be `Bearer <key>`');
  }
}

/** The response of the Go engine to errors that it does not expect. */
export const UNANTICIPATED: FailureMembers = {
  kind: 'unanticipated error',
  code: 'Unanticipated',
  message: GO_ERROR_MESSAGES.unexpected,
};

/**
 * Converts any error of a request handler into a response, according to its entry in the error registry. Undefined for
 * defects: those are logged, and their response has no details.
 */
export function toWireFailure(thrown: unknown): WireFailure | undefined {
  if (thrown instanceof WireFailure) return thrown;
  if (!(thrown instanceof OrraError)) return undefined;
  const { status, kind, code, param, message, retryAfterSeconds } = wireFormOf(thrown.code) ?? {};
  if (status === undefined || kind === undefined) return undefined;
  return new WireFailure(
    status,
    { kind, code, param, message: message ?? thrown.message, ...ownMembers(thrown) },
    thrown.retryable ? { retryAfterSeconds } : {},
  );
}

/** Members that depend on the error, not only on its code. */
function ownMembers({ code, message, details }: OrraError): Partial<FailureMembers> {
  const { notActionablePrefix } = GO_ERROR_MESSAGES;
  if (code === 'ORRA_NOT_ACTIONABLE' && !message.startsWith(notActionablePrefix)) {
    return { message: notActionablePrefix + message };
  }
  if (code === 'ORRA_INVALID_PLAN') return { problems: details['problems'] as readonly PlanProblemView[] };
  if (code === 'ORRA_INVALID_GROUNDING' || code === 'ORRA_LIMIT_EXCEEDED') return { param: String(details['param']) };
  return {};
}
