/**
 * Hands committed work to connections, and remembers what is out. A service counts as available while it is connected
 * and for a short grace after its last connection was lost, so that a reconnect finds its work where it was. Work whose
 * connection is gone goes to the next one that opens: most likely the same process, which knows the keys.
 */
import { toError, type Clock, type Logger, type Timer } from '@orra-ts/common';
import type { EngineMessage } from '@orra-ts/protocol';
import { Connections, type ServiceConnection } from '../dispatch/connections';
import type { LiveOrchestration } from './live-orchestration';

/** One task or compensation that a service has, or is to get. */
export interface Assignment {
  readonly key: string;
  readonly kind: 'task' | 'compensation';
  readonly orchestration: LiveOrchestration;
  readonly taskId: string;
  readonly serviceId: string;
  /** Set while it is out: sent, or waiting for a connection. */
  waiting: boolean;
  connection: ServiceConnection | undefined;
}

interface ServiceQueue {
  /** False once the grace is over: its work is paused. */
  available: boolean;
  graceTimer: Timer | undefined;
  /** Work that waits for a connection. */
  readonly unsent: Set<Assignment>;
  /** Orchestrations whose plans use this service. */
  readonly users: Set<LiveOrchestration>;
}

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly disconnectGraceMs: number;
  /** The message for an assignment as things stand; undefined when it is no longer wanted (E4). */
  readonly messageFor: (assignment: Assignment, connection: ServiceConnection) => EngineMessage | undefined;
  /** Nothing can send it, now or later. */
  readonly onUnsendable: (assignment: Assignment, error: Error) => void;
  /** A service has come or gone: what is due for its orchestrations has changed. */
  readonly onAvailability: (orchestrations: readonly LiveOrchestration[]) => void;
}

export class Dispatcher {
  private readonly connections = new Connections();
  private readonly queues = new Map<string, ServiceQueue>();
  private readonly sentOver = new Map<ServiceConnection, Set<Assignment>>();

  constructor(private readonly options: DispatcherOptions) {}

  isAvailable = (serviceId: string): boolean => this.queues.get(serviceId)?.available === true;

  /** Before the first connection after a start: services get the grace to come back before their work is paused. */
  holdForReconnect(serviceId: string): void {
    const queue = this.queue(serviceId);
    if (queue.available) return;
    queue.available = true;
    this.startGrace(serviceId, queue);
  }

  track(orchestration: LiveOrchestration, serviceId: string): void {
    this.queue(serviceId).users.add(orchestration);
  }

  untrack(orchestration: LiveOrchestration): void {
    for (const { plan } of orchestration.state.tasks.values())
      this.queues.get(plan.serviceId)?.users.delete(orchestration);
    for (const assignment of orchestration.assignments.values()) this.release(assignment);
  }

  connected(connection: ServiceConnection): void {
    const { serviceId } = connection;
    const queue = this.queue(serviceId);
    this.connections.add(connection);
    this.sentOver.set(connection, new Set());
    queue.graceTimer?.clear();
    queue.graceTimer = undefined;
    this.sendUnsent(connection, queue);
    if (queue.available) return;
    queue.available = true;
    this.options.onAvailability([...queue.users]);
  }

  disconnected(connection: ServiceConnection): void {
    if (!this.connections.remove(connection)) return;
    const { serviceId } = connection;
    const queue = this.queue(serviceId);
    for (const assignment of this.sentOver.get(connection) ?? []) {
      assignment.connection = undefined;
      queue.unsent.add(assignment);
    }
    this.sentOver.delete(connection);
    this.startGrace(serviceId, queue);
  }

  /** It takes work again, after it had refused some. */
  writable(connection: ServiceConnection): void {
    if (this.sentOver.has(connection)) this.sendUnsent(connection, this.queue(connection.serviceId));
  }

  /** Sends it now or as soon as there is a connection that takes it. */
  send(assignment: Assignment): void {
    this.release(assignment);
    assignment.waiting = true;
    const queue = this.queue(assignment.serviceId);
    queue.unsent.add(assignment);
    this.place(assignment, queue);
  }

  /** It has an outcome, or waits for its next attempt: nothing of it is out. */
  release(assignment: Assignment): void {
    if (!assignment.waiting) return;
    assignment.waiting = false;
    this.queues.get(assignment.serviceId)?.unsent.delete(assignment);
    const { connection } = assignment;
    if (!connection) return;
    assignment.connection = undefined;
    connection.load--;
    this.sentOver.get(connection)?.delete(assignment);
  }

  close(): void {
    for (const queue of this.queues.values()) queue.graceTimer?.clear();
  }

  private sendUnsent(connection: ServiceConnection, queue: ServiceQueue): void {
    for (const assignment of [...queue.unsent]) if (!this.sendOver(connection, assignment, queue)) return;
  }

  /** Over the least busy connection, or over another one if that is closing or full. */
  private place(assignment: Assignment, queue: ServiceQueue): void {
    const serviceId = assignment.serviceId as ServiceConnection['serviceId'];
    const best = this.connections.pick(serviceId);
    if (!best || this.sendOver(best, assignment, queue)) return;
    for (const other of this.connections.of(serviceId)) {
      if (other !== best && this.sendOver(other, assignment, queue)) return;
    }
  }

  /** False when the connection takes nothing: it is full and says when it has room again, or it is about to be lost. */
  private sendOver(connection: ServiceConnection, assignment: Assignment, queue: ServiceQueue): boolean {
    const message = this.options.messageFor(assignment, connection);
    if (!message) {
      this.release(assignment);
      return true;
    }
    try {
      if (!connection.send(message)) return false;
    } catch (error) {
      this.release(assignment);
      this.options.onUnsendable(assignment, toError(error));
      return true;
    }
    queue.unsent.delete(assignment);
    assignment.connection = connection;
    connection.load++;
    this.sentOver.get(connection)?.add(assignment);
    return true;
  }

  private startGrace(serviceId: string, queue: ServiceQueue): void {
    queue.graceTimer?.clear();
    queue.graceTimer = this.options.clock.setTimer(this.options.disconnectGraceMs, () => {
      queue.graceTimer = undefined;
      if (this.connections.isConnected(serviceId as ServiceConnection['serviceId'])) {
        // Another replica is there: it takes over what the lost one had.
        for (const assignment of [...queue.unsent]) this.place(assignment, queue);
        return;
      }
      queue.available = false;
      this.options.logger.info('service is away, its tasks are paused', { serviceId, tasks: queue.unsent.size });
      this.options.onAvailability([...queue.users]);
    });
  }

  private queue(serviceId: string): ServiceQueue {
    let queue = this.queues.get(serviceId);
    if (!queue) {
      queue = { available: false, graceTimer: undefined, unsent: new Set(), users: new Set() };
      this.queues.set(serviceId, queue);
    }
    return queue;
  }
}
