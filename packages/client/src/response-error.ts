/**
 * Converts an error response into a typed error. The Go engine responds to many different faults with status 400 or 500,
 * so its error code, or without a code its message, is considered before the status.
 */
import type { HttpResponse } from '@orra-ts/common';
import {
  GO_ERROR_CODES,
  GO_ERROR_KINDS,
  GO_ERROR_MESSAGES,
  isJsonObject,
  type PlanProblemView,
} from '@orra-ts/protocol';
import {
  type EngineErrorDetails,
  type OrraClientError,
  OrraEngineError,
  OrraGroundingExistsError,
  OrraInvalidRequestError,
  OrraNotActionableError,
  OrraNotSupportedError,
  OrraUnauthorizedError,
  OrraUnexpectedResponseError,
  OrraUnknownCompensationFailureError,
  OrraUnknownGroundingError,
  OrraUnknownOrchestrationError,
  OrraUnknownPlanError,
  OrraUnknownServiceError,
} from './errors';

/** Statuses of proxies and of an overloaded engine: the same request may succeed later. */
const RETRYABLE_STATUSES = [429, 502, 503, 504];

/**
 * @param request such as `GET http://127.0.0.1:8005/orchestrations`
 * @param secret the API key of the request, which is removed from the error because an engine may echo it
 */
export function responseError(request: string, response: HttpResponse, secret: string | undefined): OrraClientError {
  const engineError = readErrorBody(request, response, secret);
  const { status, engineCode } = engineError;
  const engineMessage = engineError.engineMessage ?? '';
  const details = { ...engineError };
  const summary = engineMessage === '' ? `status ${status}` : engineMessage;

  if (status >= 300 && status < 400) {
    const target = response.headers['location'] ?? 'elsewhere';
    return new OrraUnexpectedResponseError(
      `${request}: redirected to ${redact(target, secret)}; set the URL of the engine itself, without a double slash (option \`url\` or ORRA_URL)`,
      { details },
    );
  }
  // The Go engine sends the same response for both cases.
  if (status === 403 && isItemOf(request, 'compensation-failures')) {
    return new OrraUnauthorizedError(
      `${request}: the engine does not accept this API key here; either it is not a key of this engine (option \`apiKey\` or ORRA_API_KEY), or the failed compensation belongs to another project: use a key of that project`,
      { details },
    );
  }
  if (status === 401 || status === 403 || engineMessage.startsWith(GO_ERROR_MESSAGES.unknownKey)) {
    return new OrraUnauthorizedError(
      `${request}: the engine does not accept this API key; check that it belongs to a project of this engine (option \`apiKey\` or ORRA_API_KEY)`,
      // The engine's message contains the API key.
      { details: { ...details, engineMessage: undefined } },
    );
  }
  if (engineCode === GO_ERROR_CODES.actionNotActionable) {
    const reason = engineMessage.startsWith(GO_ERROR_MESSAGES.notActionablePrefix)
      ? engineMessage.slice(GO_ERROR_MESSAGES.notActionablePrefix.length)
      : engineMessage;
    return new OrraNotActionableError(
      `the action cannot be planned: ${reason || 'the engine gave no reason'}`,
      reason,
      {
        details,
      },
    );
  }
  const unknown = unknownItemError(engineError, summary);
  if (unknown) return unknown;
  if (engineError.kind === GO_ERROR_KINDS.invalidOperation && engineError.param === 'version') {
    const message = `${request}: ${summary}; give the grounding a new version, or remove it first`;
    return new OrraGroundingExistsError(message, { details });
  }
  if (status === 404 || status === 405) {
    return new OrraNotSupportedError(
      `${request}: this engine has no such route (status ${status}); its version or kind differs, or the path of the URL is wrong (option \`url\` or ORRA_URL)`,
      { details },
    );
  }
  if (status < 500 && status !== 429) return new OrraInvalidRequestError(`${request}: ${summary}`, { details });
  // The Go engine responds to an invalid service with status 500.
  if (engineMessage.startsWith(GO_ERROR_MESSAGES.invalidServicePrefix)) {
    return new OrraInvalidRequestError(`${request}: ${summary}`, { details });
  }
  const retryable = isTransient(status, engineMessage) && !isStored(engineError, response);
  return new OrraEngineError(`${request}: ${summary}`, { details, retryable });
}

/** Returns an error when the item does not exist. The Go engine marks it with the kind of error, or only in the message. */
function unknownItemError(engineError: EngineErrorDetails, summary: string): OrraClientError | undefined {
  const { request, kind, engineCode, engineMessage = '' } = engineError;
  const details = { ...engineError };
  const isUnknown = kind === GO_ERROR_KINDS.unknownItem;
  if (engineCode === GO_ERROR_CODES.unknownOrchestration || (isUnknown && isItemOf(request, 'orchestrations'))) {
    return new OrraUnknownOrchestrationError(
      `${request}: ${summary}; the id is wrong, or belongs to the project of another API key`,
      { details },
    );
  }
  if (isUnknown && isItemOf(request, 'compensation-failures')) {
    return new OrraUnknownCompensationFailureError(
      `${request}: ${summary}; take the id from the list of failed compensations (\`compensationFailures.list()\`)`,
      { details },
    );
  }
  if (engineMessage.startsWith(GO_ERROR_MESSAGES.unknownGrounding) || (isUnknown && isItemOf(request, 'groundings'))) {
    return new OrraUnknownGroundingError(
      `${request}: ${summary}; take the name from the list of groundings (\`groundings.list()\`)`,
      { details },
    );
  }
  if (isUnknown && isItemOf(request, 'plans')) {
    return new OrraUnknownPlanError(`${request}: ${summary}; take the name from the list of plans (\`plans.list()\`)`, {
      details,
    });
  }
  if (GO_ERROR_MESSAGES.unknownServicePattern.test(engineMessage)) {
    return new OrraUnknownServiceError(
      `${request}: ${summary}; the stored id belongs to another engine or project: register without an id`,
      { details },
    );
  }
  return undefined;
}

/** Whether the request was for an item of this collection. */
const isItemOf = (request: string, collection: string): boolean => request.includes(`/${collection}/`);

const isTransient = (status: number, engineMessage: string): boolean =>
  RETRYABLE_STATUSES.includes(status) || engineMessage.startsWith(GO_ERROR_MESSAGES.notYetVisiblePrefix);

/** Whether the engine stopped while it planned a stored submission. It continues after its restart, so a retry would run it twice. */
const isStored = ({ engineCode }: EngineErrorDetails, { headers }: HttpResponse): boolean =>
  engineCode === GO_ERROR_CODES.shuttingDown && headers['retry-after'] === undefined;

function readErrorBody(
  request: string,
  { status, text }: HttpResponse,
  secret: string | undefined,
): EngineErrorDetails {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    const plain = redact(text.trim(), secret).slice(0, 500);
    return plain === '' ? { request, status } : { request, status, engineMessage: plain };
  }
  const error = isJsonObject(body) && isJsonObject(body['error']) ? body['error'] : {};
  const read = (member: string): string | undefined => {
    const value = error[member];
    return typeof value === 'string' && value !== '' ? redact(value, secret) : undefined;
  };
  const problems = readProblems(error['problems'], secret);
  return {
    request,
    status,
    kind: read('kind'),
    engineCode: read('code'),
    param: read('param'),
    engineMessage: read('message'),
    problems: problems.length > 0 ? problems : undefined,
  };
}

function readProblems(problems: unknown, secret: string | undefined): PlanProblemView[] {
  if (!Array.isArray(problems)) return [];
  return problems.filter(isJsonObject).flatMap(({ taskId, field, message }) => {
    if (typeof message !== 'string') return [];
    return [
      {
        taskId: typeof taskId === 'string' ? taskId : undefined,
        field: typeof field === 'string' ? field : undefined,
        message: redact(message, secret),
      },
    ];
  });
}

const redact = (value: string, secret: string | undefined): string =>
  secret ? value.replaceAll(secret, '<API key>') : value;
