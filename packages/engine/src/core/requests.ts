/** The messages that carry work to a service, made from committed state alone (E3). */
import type { CompensationRequest, TaskRequest } from '@orra-ts/protocol';
import { resolveInput } from '../domain/plan/references';
import type { CompensationState, OrchestrationState, TaskState } from '../domain/orchestration/state';

interface Addressed {
  readonly executionId: string;
  readonly idempotencyKey: string;
  readonly timeoutMs: number;
  /** The service asked for `task-meta`. */
  readonly taskMeta: boolean;
}

export function taskRequest(state: OrchestrationState, task: TaskState, to: Addressed): TaskRequest {
  const outputOf = (id: string): unknown => {
    if (id === 'task0') return state.plan?.taskZero;
    const phase = state.tasks.get(id)?.phase;
    return phase?.kind === 'completed' ? phase.output : undefined;
  };
  return {
    type: 'task_request',
    id: task.plan.id,
    input: resolveInput(task.plan.input, outputOf),
    executionId: to.executionId,
    idempotencyKey: to.idempotencyKey,
    serviceId: task.plan.serviceId,
    ...(to.taskMeta
      ? { attempt: task.attempt, timeoutMs: to.timeoutMs, orchestrationId: state.id, metadata: state.metadata }
      : {}),
  };
}

export function compensationRequest(
  state: OrchestrationState,
  compensation: CompensationState,
  to: Addressed,
): CompensationRequest {
  const task = state.tasks.get(compensation.taskId);
  const stored = task?.phase.kind === 'completed' ? task.phase.compensation : undefined;
  const { ending } = state;
  return {
    type: 'compensation_request',
    // In lower case, as the Go engine sends it.
    id: compensation.taskId.toLowerCase(),
    input: stored?.data ?? null,
    compensationContext: {
      orchestrationId: state.id,
      // Services without `task-meta` know only failures and aborts; the payload has the reason of a cancellation.
      reason: state.status === 'cancelled' && !to.taskMeta ? 'aborted' : state.status,
      payload: ending?.payload,
      timestamp: new Date(ending?.at ?? state.changedAt).toISOString(),
    },
    executionId: to.executionId,
    idempotencyKey: to.idempotencyKey,
    serviceId: task?.plan.serviceId ?? '',
    ...(to.taskMeta ? { attempt: compensation.attempt, timeoutMs: to.timeoutMs } : {}),
  };
}
