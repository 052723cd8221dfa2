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

export function taskRequest(
  state: OrchestrationState,
  task: TaskState,
  to: Addressed & { readonly inDoubt?: boolean },
): TaskRequest {
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
      ? {
          attempt: task.attempt,
          timeoutMs: to.timeoutMs,
          orchestrationId: state.id,
          metadata: state.metadata,
          ...(to.inDoubt === true ? { inDoubt: true } : {}),
        }
      : {}),
  };
}

export function compensationRequest(
  state: OrchestrationState,
  revert: CompensationState,
  to: Addressed & { readonly taskKey: string },
): CompensationRequest {
  const task = state.tasks.get(revert.taskId);
  const { ending } = state;
  const { outcome } = revert;
  const previous = revert.previous && {
    completed: [...revert.previous.completed],
    remaining: [...revert.previous.remaining],
  };
  return {
    type: 'compensation_request',
    // In lower case, as on the Go engine.
    id: revert.taskId.toLowerCase(),
    input: outcome === 'completed' ? (revert.compensation?.data ?? null) : inputWithoutOutput(state, task, to),
    compensationContext: {
      orchestrationId: state.id,
      // Other SDKs know only `failed` and `aborted`; the payload contains the reason of the cancellation.
      reason: state.status === 'cancelled' && !to.taskMeta ? 'aborted' : state.status,
      payload: ending?.payload,
      timestamp: new Date(ending?.at ?? state.changedAt).toISOString(),
    },
    executionId: to.executionId,
    idempotencyKey: to.idempotencyKey,
    serviceId: task?.plan.serviceId ?? '',
    ...(outcome === 'completed' ? {} : { outcome, taskKey: to.taskKey }),
    ...(to.taskMeta ? { attempt: revert.attempt, timeoutMs: to.timeoutMs, ...(previous ? { previous } : {}) } : {}),
  };
}

/** The form in which our SDK stores a task for its revert, without a result. */
function inputWithoutOutput(
  state: OrchestrationState,
  task: TaskState | undefined,
  to: Addressed & { readonly taskKey: string },
): unknown {
  if (!task) return null;
  const executionId = task.deliveries.at(-1)?.executionId ?? '';
  const originalTask = taskRequest(state, task, { ...to, executionId, idempotencyKey: to.taskKey });
  return { originalTask, taskResult: null };
}
