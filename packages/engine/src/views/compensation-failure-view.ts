/** Bodies of `/compensation-failures`: the records for an operator. */
import { ZERO_TIME, type CompensationFailureView } from '@orra-ts/protocol';
import type { StoredFailure } from '../journal/journal';
import { toTimestamp } from '../wire-time';

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
    failure: error,
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

function compensationDataView({
  data,
  context: { at, ...context },
  orchestrationId,
  ttlMs,
}: StoredFailure): CompensationFailureView['compensationData'] {
  return { data, context: { orchestrationId, ...context, timestamp: toTimestamp(at) }, ttl: ttlMs };
}
