/** Encodes outcomes. All thrown values are converted here (H1), and all sizes are checked here (X6). */
import { describeThrown, identifyThrown, shortened, stackOfThrown } from '@orra-ts/common';
import {
  FAILURE_MAX_BYTES,
  readTaskOutcome,
  type CompensationRequest,
  type FailureDetails,
  type TaskOutcome,
  type TaskRequest,
  type TaskResult,
} from '@orra-ts/protocol';
import { exceedsBytes, type OutboundMessage } from '../outbox/encode-envelope';
import type { ResolvedCapabilities } from '../outbox/resolved-capabilities';
import { failurePolicyOf, type SdkErrorCode } from '../errors';
import type { Outcome } from '../journal/execution-journal';
import type { Violation } from '../validation/value-schema';

type Request = TaskRequest | CompensationRequest;

/** Size of the wrapper, the type and the member names around a body. The ids are counted separately. */
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
  /** Never empty, because the engine treats an empty error as a success. */
  readonly error: string;
  readonly details: FailureDetails;
}

/** Converts any thrown value into the failure that the engine receives. */
export function failureFromThrown(thrown: unknown, fallbackCode: SdkErrorCode): Failure {
  const error = describeThrown(thrown);
  const { code = fallbackCode, ...identity } = identifyThrown(thrown, FAILURE_MAX_BYTES - Buffer.byteLength(error));
  const { retryable = true, retryAfterMs } = failurePolicyOf(thrown) ?? {};
  return { error, details: { code, ...identity, retryable, retryAfterMs } };
}

/** Violations that a message names; a list can have thousands of invalid items. */
const MAX_SHOWN_VIOLATIONS = 20;
const MAX_VIOLATION_BYTES = FAILURE_MAX_BYTES / MAX_SHOWN_VIOLATIONS - 20;

/** At most `FAILURE_MAX_BYTES` long. */
export function describeViolations(violations: readonly Violation[]): string {
  const shown = violations
    .slice(0, MAX_SHOWN_VIOLATIONS)
    .map(({ path, message }) => shortened(path === '' ? message : `${path}: ${message}`, MAX_VIOLATION_BYTES));
  const more = violations.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more violations` : '');
}

/** The stack of what user code threw during the check. */
export const stackOfViolations = (violations: readonly Violation[]): string | undefined =>
  stackOfThrown(violations.find(({ thrown }) => thrown !== undefined)?.thrown);

export const finalFailure = (code: SdkErrorCode, error: string): Failure => ({
  error,
  details: { code, retryable: false },
});

/** E10: the handler did not state whether its work had an effect. */
export const withUnknownEffect = ({ error, details }: Failure): Failure => ({
  error,
  details: { ...details, effect: 'unknown' },
});

export function failureOutcome(
  request: Request,
  { error, details }: Failure,
  capabilities: ResolvedCapabilities,
): Outcome {
  const encode = (text: string, sent: FailureDetails): Outcome => {
    const failure = capabilities.failureDetails ? `,"failure":${JSON.stringify(sent)}` : '';
    const body = `"result":null,"error":${JSON.stringify(text)}${failure}`;
    return outcomeOf('task_result', !details.retryable, request, body);
  };
  const outcome = encode(error, details);
  if (!isTooLarge(outcome, request, capabilities)) return outcome;
  const { code, retryable, retryAfterMs, effect } = details;
  const short = { code, retryable, retryAfterMs, effect };
  const withoutCauses = encode(error, short);
  if (!isTooLarge(withoutCauses, request, capabilities)) return withoutCauses;
  return encode(
    `${error.slice(0, SHORT_ERROR_CHARS)}... (${error.length} characters, cut to fit the engine's limit)`,
    short,
  );
}

/** Reads a stored result; an abort has none. */
export function readStored({ type, body }: Outcome): TaskOutcome | undefined {
  if (type === 'task_abort_result') return undefined;
  const members = JSON.parse(`{${body}}`) as Pick<TaskResult, 'result' | 'error' | 'failure'>;
  return readTaskOutcome({ type, serviceId: '', idempotencyKey: '', ...members });
}

/** It failed, and did not state whether it had an effect (E10). */
export function hasUnknownEffect(outcome: Outcome): boolean {
  const known = readStored(outcome);
  return known?.kind === 'failed' && known.effect === 'unknown';
}

/**
 * A failure that is repeated for a request in doubt: the run that stated it did not know of the doubt, so it states
 * nothing about the effect of the others (E10). Other outcomes stay as they are.
 */
export function repeatedInDoubt(outcome: Outcome): Outcome {
  if (readStored(outcome)?.kind !== 'failed') return outcome;
  const { error, failure } = JSON.parse(`{${outcome.body}}`) as Pick<TaskResult, 'error' | 'failure'>;
  if (!failure) return outcome;
  const details: FailureDetails = { ...failure, effect: 'unknown' };
  return { ...outcome, body: `"result":null,"error":${JSON.stringify(error)},"failure":${JSON.stringify(details)}` };
}

export function isTooLarge(
  { body }: Pick<Outcome, 'body'>,
  request: Request,
  capabilities: ResolvedCapabilities,
): boolean {
  return exceedsBytes(body, capabilities.maxMessageBytes - overheadBytes(request));
}

/** Message with the sizes of the parts, so that the user knows what to reduce. */
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

/** Replaces an outcome that the engine refused because of its size. An abort remains an abort. */
export function refusedAsTooLarge(
  { type, taskId, executionId, body }: Pick<OutboundMessage, 'type' | 'taskId' | 'executionId' | 'body'>,
  label: string,
  { failureDetails }: ResolvedCapabilities,
): Outcome {
  const error = `the outcome of ${label} has ${Buffer.byteLength(body)} bytes, more than the engine takes; return less, such as an id or a place to fetch it from`;
  if (type === 'task_abort_result') {
    return { type, final: true, taskId, executionId, body: `"result":{"task":${JSON.stringify({ orra: error })}}` };
  }
  const details: FailureDetails = { code: 'ORRA_OUTCOME_TOO_LARGE', retryable: false, effect: 'unknown' };
  const failure = failureDetails ? `,"failure":${JSON.stringify(details)}` : '';
  return {
    type: 'task_result',
    final: true,
    taskId,
    executionId,
    body: `"result":null,"error":${JSON.stringify(error)}${failure}`,
  };
}

/** Upper bound, because ids may be escaped and the id of the wrapper does not exist yet. */
const overheadBytes = ({ id, executionId, serviceId, idempotencyKey }: Request): number =>
  ENVELOPE_BYTES + 2 * (id.length + executionId.length + serviceId.length) + idempotencyKey.length;
