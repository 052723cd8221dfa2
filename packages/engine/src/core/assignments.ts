/** The assignments of all live orchestrations, by the idempotency keys under which services respond to them. */
import type { DomainTimings } from '../domain/orchestration/timings';
import { Assignment } from './assignment';
import { compensationKey, taskKey } from './idempotency-key';
import type { LiveOrchestration } from './live-orchestration';

export class Assignments {
  private readonly byKey = new Map<string, Assignment>();

  constructor(private readonly timings: DomainTimings) {}

  /** The assignment of a task, created when it is first needed. */
  ofTask(orchestration: LiveOrchestration, taskId: string): Assignment {
    return this.get(orchestration, `task:${taskId}`) ?? this.create(orchestration, 'task', taskId, taskId, 0);
  }

  /** The assignment of a revert. @default its current round */
  ofRevert(orchestration: LiveOrchestration, revertId: string, round?: number): Assignment | undefined {
    const revert = orchestration.state.compensations.find(({ id }) => id === revertId);
    if (!revert) return undefined;
    const { taskId } = revert;
    const slot = `compensation:${revertId}:${round ?? revert.round}`;
    return (
      this.get(orchestration, slot) ??
      this.create(orchestration, 'compensation', taskId, revertId, round ?? revert.round)
    );
  }

  /** Undefined when no live orchestration has given this key to the service. */
  find(serviceId: string, idempotencyKey: string): Assignment | undefined {
    return this.byKey.get(lookUpKey(serviceId, idempotencyKey));
  }

  /** The orchestration left memory: its keys are found in the journal from now on. */
  forget({ assignments }: LiveOrchestration): void {
    for (const { serviceId, key } of assignments.values()) this.byKey.delete(lookUpKey(serviceId, key));
  }

  private get({ assignments }: LiveOrchestration, slot: string): Assignment | undefined {
    return assignments.get(slot);
  }

  private create(
    orchestration: LiveOrchestration,
    kind: Assignment['kind'],
    taskId: string,
    revertId: string,
    round: number,
  ): Assignment {
    const { state } = orchestration;
    const task = state.tasks.get(taskId);
    if (!task) throw new Error(`${state.id} has no task ${taskId}`);
    const ownKey = taskKey(state, task);
    const key = kind === 'task' ? ownKey : compensationKey(state, taskId, round);
    const { serviceId } = task.plan;
    const options = { kind, taskId, revertId, round, serviceId, key, taskKey: ownKey };
    const assignment = new Assignment(orchestration, options, this.timings);
    const slot = kind === 'task' ? `task:${taskId}` : `compensation:${revertId}:${round}`;
    orchestration.assignments.set(slot, assignment);
    this.byKey.set(lookUpKey(serviceId, key), assignment);
    return assignment;
  }
}

/** Keys are looked up within the service of the socket they came over: another service's keys are never found (E7). */
const lookUpKey = (serviceId: string, idempotencyKey: string): string => `${serviceId} ${idempotencyKey}`;
