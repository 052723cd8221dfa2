/**
 * Turns an answer that is no success into a typed error. The Go engine answers many different faults with 400 or 500,
 * so its error code, and where it gives none its message, decide before the status does.
 */
import type { HttpResponse } from '@orra-ts/common';
import { isJsonObject, type PlanProblemView } from '@orra-ts/protocol';
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

const NOT_ACTIONABLE_PREFIX = 'preparation failed with status not_actionable: ';
/** Statuses of proxies and of an engine under load: the same request may be answered later. */
const PASSING_STATUSES = [429, 502, 503, 504];

/**
 * @param request such as `GET http://127.0.0.1:8005/orchestrations`
 * @param secret the key that was sent: an engine may echo it, an error must not
 */
export function refusalOf(request: string, response: HttpResponse, secret: string | undefined): OrraClientError {
  const answer = readAnswer(request, response, secret);
  const { status, engineCode } = answer;
  const said = answer.engineMessage ?? '';
  const details = { ...answer };
  const because = said === '' ? `status ${status}` : said;

  if (status >= 300 && status < 400) {
    const target = response.headers['location'] ?? 'elsewhere';
    return new OrraUnexpectedResponseError(
      `${request}: redirected to ${redact(target, secret)}; set the URL of the engine itself, without a double slash (option \`url\` or ORRA_URL)`,
      { details },
    );
  }
  // The Go engine says the second with no word more than the first.
  if (status === 403 && isAbout(request, 'compensation-failures')) {
    return new OrraUnauthorizedError(
      `${request}: the engine does not accept this API key here; either it is not a key of this engine (option \`apiKey\` or ORRA_API_KEY), or the failed compensation belongs to another project: use a key of that project`,
      { details },
    );
  }
  if (status === 401 || status === 403 || said.startsWith('no project found with the given API key')) {
    return new OrraUnauthorizedError(
      `${request}: the engine does not accept this API key; check that it belongs to a project of this engine (option \`apiKey\` or ORRA_API_KEY)`,
      // The engine's own message would be the key.
      { details: { ...details, engineMessage: undefined } },
    );
  }
  if (engineCode === 'Orra:ActionNotActionable') {
    const reason = said.startsWith(NOT_ACTIONABLE_PREFIX) ? said.slice(NOT_ACTIONABLE_PREFIX.length) : said;
    return new OrraNotActionableError(
      `the action cannot be planned: ${reason || 'the engine gave no reason'}`,
      reason,
      {
        details,
      },
    );
  }
  const unknown = unknownItemOf(answer, because);
  if (unknown) return unknown;
  if (answer.kind === 'invalid operation' && answer.param === 'version') {
    const message = `${request}: ${because}; give the grounding a new version, or remove it first`;
    return new OrraGroundingExistsError(message, { details });
  }
  if (status === 404 || status === 405) {
    return new OrraNotSupportedError(
      `${request}: this engine has no such route (status ${status}); its version or kind differs, or the path of the URL is wrong (option \`url\` or ORRA_URL)`,
      { details },
    );
  }
  if (status < 500 && status !== 429) return new OrraInvalidRequestError(`${request}: ${because}`, { details });
  // The public engine validates services with a 500.
  if (said.startsWith('service validation error')) {
    return new OrraInvalidRequestError(`${request}: ${because}`, { details });
  }
  const retryable = isPassing(status, said) && !isStored(answer, response);
  return new OrraEngineError(`${request}: ${because}`, { details, retryable });
}

/** Nothing with this id or name; the Go engine says it with its kind of error only, and sometimes only in words. */
function unknownItemOf(answer: EngineErrorDetails, because: string): OrraClientError | undefined {
  const { request, kind, engineCode, engineMessage: said = '' } = answer;
  const details = { ...answer };
  const isUnknown = kind === 'item does not exist';
  if (engineCode === 'Orra:UnknownOrchestration' || (isUnknown && isAbout(request, 'orchestrations'))) {
    return new OrraUnknownOrchestrationError(
      `${request}: ${because}; the id is wrong, or belongs to the project of another API key`,
      { details },
    );
  }
  if (isUnknown && isAbout(request, 'compensation-failures')) {
    return new OrraUnknownCompensationFailureError(
      `${request}: ${because}; take the id from the list of failed compensations (\`compensationFailures.list()\`)`,
      { details },
    );
  }
  if (said.startsWith('grounding spec not found') || (isUnknown && isAbout(request, 'groundings'))) {
    return new OrraUnknownGroundingError(
      `${request}: ${because}; take the name from the list of groundings (\`groundings.list()\`)`,
      { details },
    );
  }
  if (isUnknown && isAbout(request, 'plans')) {
    return new OrraUnknownPlanError(`${request}: ${because}; take the name from the list of plans (\`plans.list()\`)`, {
      details,
    });
  }
  if (/^service with key .* not found/.test(said)) {
    return new OrraUnknownServiceError(
      `${request}: ${because}; the stored id belongs to another engine or project: register without an id`,
      { details },
    );
  }
  return undefined;
}

/** Whether the request was for one of these. */
const isAbout = (request: string, collection: string): boolean => request.includes(`/${collection}/`);

/** The public engine cannot show an orchestration in the first moments after it took it. */
const isPassing = (status: number, said: string): boolean =>
  PASSING_STATUSES.includes(status) || said.startsWith('log not found');

/** Our engine stops while it plans what was submitted, which it goes on with when it is back: it asks nobody to try again. */
const isStored = ({ engineCode }: EngineErrorDetails, { headers }: HttpResponse): boolean =>
  engineCode === 'Orra:PlanEngineShuttingDown' && headers['retry-after'] === undefined;

function readAnswer(request: string, { status, text }: HttpResponse, secret: string | undefined): EngineErrorDetails {
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
    ...(problems.length > 0 ? { problems } : {}),
  };
}

function readProblems(problems: unknown, secret: string | undefined): PlanProblemView[] {
  if (!Array.isArray(problems)) return [];
  return problems.filter(isJsonObject).flatMap(({ taskId, field, message }) => {
    if (typeof message !== 'string') return [];
    return [
      {
        ...(typeof taskId === 'string' ? { taskId } : {}),
        ...(typeof field === 'string' ? { field } : {}),
        message: redact(message, secret),
      },
    ];
  });
}

const redact = (text: string, secret: string | undefined): string =>
  secret ? text.replaceAll(secret, '<API key>') : text;
