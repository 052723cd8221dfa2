/** One task or revert that a service has, or is to get. */
import type { EngineMessage, TaskCancel } from '@orra-ts/protocol';
import type { ServiceConnection } from '../dispatch/connections';
import type { CompensationState, TaskState } from '../domain/orchestration/state';
import { timeoutOf } from '../domain/orchestration/timeouts';
import type { DomainTimings } from '../domain/orchestration/timings';
import type { LiveOrchestration } from './live-orchestration';
import { compensationRequest, taskRequest } from './requests';

export interface AssignmentOptions {
  readonly kind: 'task' | 'compensation';
  readonly taskId: string;
  /** Which revert of the task, and its round; of a task its own id and 0. */
  readonly revertId: string;
  readonly round: number;
  readonly serviceId: string;
  /** Idempotency key of all its attempts. */
  readonly key: string;
  /** Key of its task: the same, unless it is a revert. */
  readonly taskKey: string;
}

export class Assignment {
  /** Whether it is out: sent, or queued for a connection. */
  isOut = false;
  /** The connection that it was sent over. */
  connection: ServiceConnection | undefined;
  /** Goes to this connection if possible: the first that opened after its holder was lost. */
  preferred: ServiceConnection | undefined;
  /** Goes to another connection if possible: over this one an attempt failed (E12). */
  avoided: ServiceConnection | undefined;
  /** Id of the start that is committed: of the delivery of a task, or of the attempt of a revert (E3). */
  committed: string | undefined;
  /** Its holder is lost and may claim it over a new connection (E12). */
  awaitsClaim = false;

  constructor(
    readonly orchestration: LiveOrchestration,
    private readonly options: AssignmentOptions,
    private readonly timings: DomainTimings,
  ) {}

  get kind(): 'task' | 'compensation' {
    return this.options.kind;
  }

  get taskId(): string {
    return this.options.taskId;
  }

  get revertId(): string {
    return this.options.revertId;
  }

  get round(): number {
    return this.options.round;
  }

  get serviceId(): string {
    return this.options.serviceId;
  }

  get key(): string {
    return this.options.key;
  }

  get task(): TaskState | undefined {
    return this.orchestration.state.tasks.get(this.taskId);
  }

  get revert(): CompensationState | undefined {
    const { revertId } = this.options;
    return this.orchestration.state.compensations.find(({ id }) => id === revertId);
  }

  /** Id of the newest delivery of a task, which a request opens. */
  get deliveryId(): string | undefined {
    return this.kind === 'task' ? this.task?.deliveries.at(-1)?.id : undefined;
  }

  /** Id of the newest start in memory. It may not be committed yet. */
  get newestStart(): string | undefined {
    if (this.kind === 'task') return this.deliveryId;
    const phase = this.revert?.phase;
    return phase?.kind === 'running' ? phase.executionId : undefined;
  }

  /** A revert without output goes only to connections that support it. */
  isFor({ capabilities }: ServiceConnection): boolean {
    const outcome = this.kind === 'compensation' ? this.revert?.outcome : undefined;
    return outcome === undefined || outcome === 'completed' || capabilities.has(`revert-${outcome}`);
  }

  /** The request that asks a service for it, from committed state (E3); undefined when it is no longer wanted (E4). */
  requestFor(connection: ServiceConnection): EngineMessage | undefined {
    const { taskMeta } = connection;
    const { state, deliveries } = this.orchestration;
    const { timings } = this;
    const { key: idempotencyKey, taskKey, taskId, round } = this.options;
    const { task } = this;
    if (this.kind === 'task') {
      if (task?.phase.kind !== 'running' || state.status !== 'processing') return undefined;
      const { executionId } = task.phase;
      const timeoutMs = timeoutOf(state, task, timings);
      const inDoubt = deliveries.isInDoubt(state, taskId, connection);
      return taskRequest(state, task, { executionId, idempotencyKey, timeoutMs, taskMeta, inDoubt });
    }
    const { revert } = this;
    if (revert?.phase.kind !== 'running' || revert.round !== round) return undefined;
    const { executionId } = revert.phase;
    const timeoutMs = timings.compensationTimeoutMs;
    return compensationRequest(state, revert, { executionId, idempotencyKey, timeoutMs, taskMeta, taskKey });
  }

  /** Asks a service to stop a task. */
  cancellationFor(connection: ServiceConnection): TaskCancel {
    const { taskId: id, key: idempotencyKey, serviceId } = this.options;
    const { deliveries } = this.orchestration;
    const own = this.task?.deliveries.findLast((delivery) => deliveries.connectionOf(delivery.id) === connection);
    const attempt = own ? { executionId: own.executionId } : {};
    return { type: 'task_cancel', id, idempotencyKey, ...attempt, serviceId };
  }
}
