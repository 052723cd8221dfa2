/** One task or compensation that a service has, or is to get. */
import type { EngineMessage } from '@orra-ts/protocol';
import type { ServiceConnection } from '../dispatch/connections';
import { timeoutOf } from '../domain/orchestration/tasks';
import type { DomainTimings } from '../domain/orchestration/timings';
import type { LiveOrchestration } from './live-orchestration';
import { compensationRequest, taskRequest } from './requests';

export class Assignment {
  /** Whether it is out: sent, or queued for a connection. */
  isOut = false;
  /** The connection that it was sent over. */
  connection: ServiceConnection | undefined;

  constructor(
    readonly orchestration: LiveOrchestration,
    readonly kind: 'task' | 'compensation',
    readonly taskId: string,
    readonly serviceId: string,
    /** Idempotency key of all its attempts. */
    readonly key: string,
    private readonly timings: DomainTimings,
  ) {}

  /** The request that asks a service for it, from committed state (E3); undefined when it is no longer wanted (E4). */
  requestFor({ taskMeta }: ServiceConnection): EngineMessage | undefined {
    const { state } = this.orchestration;
    const { key: idempotencyKey, timings } = this;
    if (this.kind === 'task') {
      const task = state.tasks.get(this.taskId);
      if (task?.phase.kind !== 'running' || state.status !== 'processing') return undefined;
      const { executionId } = task.phase;
      const timeoutMs = timeoutOf(state, task, timings);
      return taskRequest(state, task, { executionId, idempotencyKey, timeoutMs, taskMeta });
    }
    const compensation = state.compensations.find(({ taskId }) => taskId === this.taskId);
    if (compensation?.phase.kind !== 'running') return undefined;
    const { executionId } = compensation.phase;
    const timeoutMs = timings.compensationTimeoutMs;
    return compensationRequest(state, compensation, { executionId, idempotencyKey, timeoutMs, taskMeta });
  }
}
