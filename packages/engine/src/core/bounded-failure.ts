/**
 * Bounds what a service reports of an error: a client of any kind can send as much as a message may have, and the
 * failure is stored, and sent to everyone who sees the error. Failures that our SDK sends are not changed.
 */
import { boundIdentity, shortened } from '@orra-ts/common';
import { FAILURE_MAX_BYTES, type RevertOutcome, type TaskOutcome, type WireFailure } from '@orra-ts/protocol';

/** An SDK adds its own code after it has used up the limit. */
const MAX_DETAILS_BYTES = FAILURE_MAX_BYTES + 1024;

export const boundedTask = (outcome: TaskOutcome): TaskOutcome =>
  outcome.kind === 'failed' ? bounded(outcome) : outcome;

export function boundedRevert(outcome: RevertOutcome): RevertOutcome {
  if (outcome.kind === 'refused') return { ...outcome, error: shortened(outcome.error, FAILURE_MAX_BYTES) };
  return outcome.kind === 'failed' ? bounded(outcome) : outcome;
}

function bounded({ failure, ...outcome }: WireFailure): WireFailure {
  const error = shortened(outcome.error, FAILURE_MAX_BYTES);
  if (!failure) return { ...outcome, error };
  const { retryable, retryAfterMs, effect } = failure;
  const { code = '', ...identity } = boundIdentity(failure, MAX_DETAILS_BYTES - Buffer.byteLength(error));
  return { ...outcome, error, failure: { code, ...identity, retryable, retryAfterMs, effect } };
}
