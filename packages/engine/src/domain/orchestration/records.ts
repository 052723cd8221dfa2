/** Decisions about records for operators: which are created, and what becomes of them. */
import type { DecisionContext } from './decide';
import type { EventOf, OrchestrationEvent, StoredCompensation } from './events';
import { newRevertId } from './evolve-compensations';
import type { CompensationState, OrchestrationState, TaskState } from './state';
import { sameJson } from '../same-json';

/** Maximum records of second successes of one task (E8). */
const MAX_DUPLICATES = 10;

/** A second success with an output that is not known yet (E12). It is never reverted automatically. */
export function duplicateRecorded(
  state: OrchestrationState,
  { plan: { id: taskId }, phase }: TaskState,
  output: unknown,
  compensation: StoredCompensation,
  { now: at, newFailureId }: DecisionContext,
): EventOf<'duplicate_recorded'>[] {
  if (phase.kind !== 'completed' || sameJson(phase.output, output)) return [];
  const others = state.compensations.filter((one) => one.taskId === taskId && one.isDuplicate === true);
  if (others.length >= MAX_DUPLICATES) return [];
  if (others.some(({ failure }) => sameJson(failure?.otherOutput, output))) return [];
  const revertId = newRevertId(state, taskId);
  return [{ type: 'duplicate_recorded', at, taskId, revertId, failureId: newFailureId(), output, compensation }];
}

/** A late result shows that there is nothing to revert: resolves a pending record in doubt. */
export function resolvedLate(
  { compensations }: OrchestrationState,
  taskId: string,
  reason: string,
  { now: at }: DecisionContext,
): EventOf<'compensation_failure_resolved'>[] {
  return compensations.flatMap(({ id: revertId, failure, outcome, ...one }) =>
    one.taskId === taskId &&
    outcome !== 'completed' &&
    one.phase.kind === 'finished' &&
    failure?.resolutionState === 'pending'
      ? [
          {
            type: 'compensation_failure_resolved',
            at,
            taskId,
            revertId,
            failureId: failure.id,
            resolution: 'resolved',
            reason,
            late: true,
          },
        ]
      : [],
  );
}

/** An operator resolved or ignored a record. */
export function resolveFailure(
  state: OrchestrationState,
  failureId: string,
  resolution: 'resolved' | 'ignored',
  reason: string,
  { now: at }: DecisionContext,
): OrchestrationEvent[] {
  const { taskId, id, failure } = findFailure(state, failureId) ?? {};
  if (!taskId || (failure?.resolutionState === resolution && failure.resolution === reason)) return [];
  return [
    { type: 'compensation_failure_resolved', at, taskId, ...revertOf(taskId, id), failureId, resolution, reason },
  ];
}

/** Another round of attempts, unless one is under way, the revert has completed since (E2), or it is not possible. */
export function retryCompensation(
  state: OrchestrationState,
  failureId: string,
  context: DecisionContext,
): OrchestrationEvent[] {
  const { taskId, id, phase } = findFailure(state, failureId) ?? {};
  if (!taskId || phase?.kind !== 'finished' || phase.status === 'completed') return [];
  if (retryProblem(state, failureId, context) !== undefined) return [];
  return [{ type: 'compensation_retried', at: context.now, taskId, ...revertOf(taskId, id), failureId }];
}

/** Why the record cannot be retried; undefined if it can. */
export function retryProblem(
  state: OrchestrationState,
  failureId: string,
  { serviceOf }: Pick<DecisionContext, 'serviceOf'>,
): string | undefined {
  const { taskId = '', phase } = findFailure(state, failureId) ?? {};
  if (phase?.kind !== 'finished') return undefined;
  const { serviceId = '', serviceName = '' } = state.tasks.get(taskId)?.plan ?? {};
  if (phase.status === 'duplicate' && state.status === 'processing') {
    return `${state.id} is still processing: retry when it has ended`;
  }
  const service = serviceOf(state.projectId, serviceId);
  if (phase.status === 'in_doubt' && service?.capabilities.includes('revert-unknown') !== true) {
    return `${serviceName} does not revert tasks whose outcome is unknown: examine what it did, then resolve or ignore the record, or add \`also: ['unknown']\` to its revert handler`;
  }
  return undefined;
}

const findFailure = (state: OrchestrationState, failureId: string): CompensationState | undefined =>
  state.compensations.find(({ failure }) => failure?.id === failureId);

/** Events of the first revert of a task do not name it. */
export const revertOf = (taskId: string, revertId: string | undefined): { readonly revertId?: string } =>
  revertId === undefined || revertId === taskId ? {} : { revertId };
