/** Bodies of `/compensation-failures`: the records for an operator. */
import { ZERO_TIME, type CompensationFailureView } from '@orra-ts/protocol';
import { excerpt } from '../domain/excerpt';
import type { StoredFailure } from '../journal/journal';
import { toTimestamp } from '../wire-time';
import { DUPLICATE } from './compensation-history';

export function compensationFailureView(failure: StoredFailure, maxAttempts: number): CompensationFailureView {
  const { error, failureDetails, resolution, resolvedAt, completed, remaining, output, otherOutput, lateOutput } =
    failure;
  // The members of the Go engine first, in its order.
  return {
    id: failure.id,
    projectId: failure.projectId,
    orchestrationId: failure.orchestrationId,
    taskId: failure.taskId,
    serviceId: failure.serviceId,
    serviceName: failure.serviceName,
    compensationData: compensationDataView(failure),
    status: failure.status,
    resolutionState: failure.resolutionState,
    failure: error ?? reasonOf(failure),
    resolution: resolution || undefined,
    attemptsMade: failure.attempts,
    maxAttempts,
    timestamp: toTimestamp(failure.at),
    resolvedAt: resolvedAt === undefined ? ZERO_TIME : toTimestamp(resolvedAt),
    completed,
    remaining,
    output,
    otherOutput,
    lateOutput,
    failureDetails,
  };
}

/** Clients that do not know the kind of a record, such as the Go CLI, show only its error. */
function reasonOf({ status, remaining = [] }: StoredFailure): string | undefined {
  if (status === 'duplicate') return DUPLICATE;
  if (status !== 'partial') return undefined;
  return excerpt(
    `the service reverted only a part; what remains: ${remaining.join(', ') || 'not stated'}`,
    LONGEST_REASON,
  );
}

const LONGEST_REASON = 1_000;

function compensationDataView({
  data,
  context: { at, ...context },
  orchestrationId,
  ttlMs,
}: StoredFailure): CompensationFailureView['compensationData'] {
  return { data, context: { orchestrationId, ...context, timestamp: toTimestamp(at) }, ttl: ttlMs };
}
