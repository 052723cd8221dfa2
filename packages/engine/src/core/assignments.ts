/** The assignments of all live orchestrations, by the idempotency keys under which services respond to them. */
import type { OrchestrationState } from '../domain/orchestration/state';
import type { DomainTimings } from '../domain/orchestration/timings';
import { Assignment } from './assignment';
import { compensationKey, taskKey } from './idempotency-key';
import type { LiveOrchestration } from './live-orchestration';

export class Assignments {
  private readonly byKey = new Map<string, Assignment>();

  constructor(private readonly timings: DomainTimings) {}

  /** The assignment of a task or of its compensation, created when it is first needed. */
  of(orchestration: LiveOrchestration, kind: Assignment['kind'], taskId: string): Assignment {
    const { state } = orchestration;
    const round = kind === 'task' ? 0 : roundOf(state, taskId);
    const slot = `${kind}:${taskId}:${round}`;
    let assignment = orchestration.assignments.get(slot);
    if (!assignment) {
      const task = state.tasks.get(taskId);
      if (!task) throw new Error(`${state.id} has no task ${taskId}`);
      const key = kind === 'task' ? taskKey(state, task) : compensationKey(state, taskId, round);
      const { serviceId } = task.plan;
      assignment = new Assignment(orchestration, kind, taskId, serviceId, key, this.timings);
      orchestration.assignments.set(slot, assignment);
      this.byKey.set(lookUpKey(serviceId, key), assignment);
    }
    return assignment;
  }

  /** Undefined when no live orchestration has given this key to the service. */
  find(serviceId: string, idempotencyKey: string): Assignment | undefined {
    return this.byKey.get(lookUpKey(serviceId, idempotencyKey));
  }

  /** The orchestration is over: responses to its keys have no effect any more. */
  forget({ assignments }: LiveOrchestration): void {
    for (const { serviceId, key } of assignments.values()) this.byKey.delete(lookUpKey(serviceId, key));
  }
}

/** Keys are looked up within the service of the socket they came over: another service's keys are never found (E7). */
const lookUpKey = (serviceId: string, idempotencyKey: string): string => `${serviceId} ${idempotencyKey}`;

const roundOf = ({ compensations }: OrchestrationState, taskId: string): number =>
  compensations.find((compensation) => compensation.taskId === taskId)?.round ?? 0;
