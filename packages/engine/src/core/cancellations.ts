/** Asks connections about tasks whose result is not wanted any more (E10): `task_cancel`, to SDKs that announced it. */
import { isTerminalStatus, type TaskCancel } from '@orra-ts/protocol';
import type { Connections, ServiceConnection } from '../dispatch/connections';
import type { Assignment } from './assignment';
import type { Assignments } from './assignments';
import type { ServiceUsers } from './service-users';

/** What one connection was asked about and has no outcome for, by key. */
interface Questions {
  /** Keys that it claimed. */
  readonly claimed: Set<string>;
  /** The connection had no room for them. */
  readonly unsent: Map<string, TaskCancel>;
}

export class Cancellations {
  private readonly questions = new WeakMap<ServiceConnection, Questions>();

  constructor(
    private readonly connections: Connections,
    private readonly users: ServiceUsers,
    private readonly assignments: Assignments,
  ) {}

  /** Asks the connections that have the task. */
  cancel(assignment: Assignment): void {
    const { state, deliveries } = assignment.orchestration;
    const isOpen = (connection: ServiceConnection): boolean => this.connections.has(connection);
    for (const holder of deliveries.holdersOf(state, assignment.taskId, isOpen)) this.ask(holder, assignment);
  }

  /** Asks about tasks without an outcome whose orchestration is over: the connection may be that of their holder. */
  askAbout(connection: ServiceConnection): void {
    const { serviceId } = connection;
    for (const orchestration of this.users.of(serviceId)) {
      if (!isTerminalStatus(orchestration.state.status)) continue;
      for (const { plan, deliveries } of orchestration.state.tasks.values()) {
        if (plan.serviceId !== serviceId || deliveries.length === 0) continue;
        this.ask(connection, this.assignments.ofTask(orchestration, plan.id));
      }
    }
  }

  /**
   * Asks about a claimed key once per connection. The response to the question is `in_progress`, like a claim: asking again
   * would never end.
   */
  askOnce(connection: ServiceConnection, assignment: Assignment): void {
    const { claimed } = this.of(connection);
    if (claimed.has(assignment.key)) return;
    claimed.add(assignment.key);
    this.ask(connection, assignment);
  }

  /** The connection has room again for what it was not asked. */
  writable(connection: ServiceConnection): void {
    const { unsent } = this.of(connection);
    for (const [key, cancellation] of unsent) {
      if (!connection.send(cancellation)) return;
      unsent.delete(key);
    }
  }

  /** The connection has sent the outcome of the key. */
  ended(connection: ServiceConnection, key: string): void {
    const questions = this.questions.get(connection);
    questions?.claimed.delete(key);
    questions?.unsent.delete(key);
  }

  private ask(connection: ServiceConnection, assignment: Assignment): void {
    if (!connection.capabilities.has('task-cancel')) return;
    const cancellation = assignment.cancellationFor(connection);
    if (!connection.send(cancellation)) this.of(connection).unsent.set(assignment.key, cancellation);
  }

  private of(connection: ServiceConnection): Questions {
    const known = this.questions.get(connection) ?? { claimed: new Set(), unsent: new Map() };
    this.questions.set(connection, known);
    return known;
  }
}
