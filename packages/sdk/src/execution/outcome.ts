/** Encodes what a run came to. One funnel for everything that can be thrown (H1), one check of sizes (X6). */
import { OrraError, describeThrown } from '@orra-ts/common';
import type { CompensationRequest, FailureDetails, TaskRequest } from '@orra-ts/protocol';
import { exceedsBytes, type OutboundMessage } from '../outbox/encode-envelope';
import type { ResolvedCapabilities } from '../outbox/resolved-capabilities';
import { failurePolicyOf, type SdkErrorCode } from '../errors';
import type { Outcome } from '../journal/execution-journal';

type Request = TaskRequest | CompensationRequest;

/** Wrapper, type and names of members around a body; the ids are counted apart. */
const ENVELOPE_BYTES = 200;
/** Kept characters of an error message that exceeds the limit: enough to recognize it. */
const SHORT_ERROR_CHARS = 500;

/** @param body as in `Outcome` */
export const outcomeOf = (
  type: Outcome['type'],
  final: boolean,
  { id, executionId }: Request,
  body: string,
): Outcome => ({ type, final, taskId: id, executionId, body });

export interface Failure {
  /** Never empty: the engine takes an empty text for a success. */
  readonly error: string;
  readonly details: FailureDetails;
}

/** What anything thrown says to the engine. */
export function failureFromThrown(thrown: unknown, code: SdkErrorCode): Failure {
  const error = describeThrown(thrown);
  try {
    const { retryable = true, retryAfterMs } = failurePolicyOf(thrown) ?? {};
    return {
      error,
      details: {
        code: thrown instanceof OrraError ? thrown.code : code,
        retryable,
        retryAfterMs,
      },
    };
  } catch {
    // Something that cannot even be looked at, such as a revoked proxy.
    return { error, details: { code, retryable: true } };
  }
}

export const finalFailure = (code: SdkErrorCode, error: string): Failure => ({
  error,
  details: { code, retryable: false },
});

export function failureOutcome(
  request: Request,
  { error, details }: Failure,
  capabilities: ResolvedCapabilities,
): Outcome {
  const encode = (text: string): Outcome => {
    const failure = capabilities.failureDetails ? `,"failure":${JSON.stringify(details)}` : '';
    return outcomeOf(
      'task_result',
      !details.retryable,
      request,
      `"result":null,"error":${JSON.stringify(text)}${failure}`,
    );
  };
  const outcome = encode(error);
  if (!isTooLarge(outcome, request, capabilities)) return outcome;
  return encode(`${error.slice(0, SHORT_ERROR_CHARS)}... (${error.length} characters, cut to fit the engine's limit)`);
}

export function isTooLarge(
  { body }: Pick<Outcome, 'body'>,
  request: Request,
  capabilities: ResolvedCapabilities,
): boolean {
  return exceedsBytes(body, capabilities.maxMessageBytes - overheadBytes(request));
}

/** Names the sizes, so that it is clear what to make smaller. */
export function tooLargeMessage(
  what: string,
  body: string,
  request: Request,
  { maxMessageBytes }: ResolvedCapabilities,
  hint: string,
): string {
  const bytes = Buffer.byteLength(body) + overheadBytes(request);
  return `${what} makes a message of ${bytes} bytes, the engine takes ${maxMessageBytes}; ${hint}`;
}

/** What takes the place of an outcome that the engine has refused over its size. An abort stays one. */
export function refusedAsTooLarge(
  { type, taskId, executionId, body }: Pick<OutboundMessage, 'type' | 'taskId' | 'executionId' | 'body'>,
  label: string,
  { failureDetails }: ResolvedCapabilities,
): Outcome {
  const error = `the outcome of ${label} has ${Buffer.byteLength(body)} bytes, more than the engine takes; return less, such as an id or a place to fetch it from`;
  if (type === 'task_abort_result') {
    return { type, final: true, taskId, executionId, body: `"result":{"task":${JSON.stringify({ orra: error })}}` };
  }
  const details: FailureDetails = { code: 'ORRA_OUTCOME_TOO_LARGE', retryable: false };
  const failure = failureDetails ? `,"failure":${JSON.stringify(details)}` : '';
  return {
    type: 'task_result',
    final: true,
    taskId,
    executionId,
    body: `"result":null,"error":${JSON.stringify(error)}${failure}`,
  };
}

/** Ids may be escaped, and the wrapper's own id is not made yet: counted generously. */
const overheadBytes = ({ id, executionId, serviceId, idempotencyKey }: Request): number =>
  ENVELOPE_BYTES + 2 * (id.length + executionId.length + serviceId.length) + idempotencyKey.length;
