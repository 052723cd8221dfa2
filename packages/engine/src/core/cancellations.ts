/** Asks connections about tasks whose result is not wanted any more (E10): `task_cancel`, to SDKs that announced it. */
import { isTerminalStatus } from '@orra-ts/protocol';
import type { Connections, ServiceConnection } from '../dispatch/connections';
import type { Assignment } from './assignment';
import type { Assignments } from './assignments';
import type { ServiceUsers } from './service-users';

export class Cancellations {
  /** Claimed keys that each connection was asked about and has no outcome for. */
  private readonly asked = new WeakMap<ServiceConnection, Set<string>>();

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
   * Asks about a claimed key once per connection. The response to the question is `in_progress`, like a claim, and the
   * orchestration may have left memory between the two: asking again would never end.
   */
  askOnce(connection: ServiceConnection, assignment: Assignment): void {
    const asked = this.asked.get(connection) ?? new Set<string>();
    if (asked.has(assignment.key)) return;
    this.asked.set(connection, asked.add(assignment.key));
    this.ask(connection, assignment);
  }

  /** The connection has sent the outcome of the key. */
  ended(connection: ServiceConnection, key: string): void {
    this.asked.get(connection)?.delete(key);
  }

  private ask(connection: ServiceConnection, assignment: Assignment): void {
    if (connection.capabilities.has('task-cancel')) connection.send(assignment.cancellationFor(connection));
  }
}
