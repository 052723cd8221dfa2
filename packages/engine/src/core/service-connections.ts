/**
 * What happens on the sockets of services. A service counts as available while it is connected, and for a short grace
 * period after its last connection closed, so that a quick reconnect pauses nothing.
 */
import type { Clock, Logger, Timer } from '@orra-ts/common';
import type { ServiceMessage } from '@orra-ts/protocol';
import type { Connections, ServiceConnection } from '../dispatch/connections';
import type { Assignments } from './assignments';
import type { DecisionLoop } from './decision-loop';
import type { Dispatcher } from './dispatcher';
import { malformedCommand, responseCommand } from './response-commands';

export interface ServiceConnectionsOptions {
  readonly connections: Connections;
  /** Services that can be given work; kept up to date here. */
  readonly available: Set<string>;
  readonly dispatcher: Dispatcher;
  readonly assignments: Assignments;
  readonly loop: DecisionLoop;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly disconnectGraceMs: number;
}

export class ServiceConnections {
  private readonly graceTimers = new Map<string, Timer>();

  constructor(private readonly options: ServiceConnectionsOptions) {}

  connected(connection: ServiceConnection): void {
    const { connections, available, dispatcher } = this.options;
    const { serviceId } = connection;
    connections.add(connection);
    this.endGrace(serviceId);
    dispatcher.opened(connection);
    if (available.has(serviceId)) return;
    available.add(serviceId);
    dispatcher.advanceUsers(serviceId);
  }

  /** Idempotent. Tasks under way on the connection are sent over another one, or pause after the grace period. */
  disconnected(connection: ServiceConnection): void {
    const { connections, dispatcher } = this.options;
    if (!connections.remove(connection)) return;
    dispatcher.closed(connection);
    this.startGrace(connection.serviceId);
  }

  /** The connection refused messages because its buffer was full, and has room again. */
  writable(connection: ServiceConnection): void {
    const { connections, dispatcher } = this.options;
    if (connections.has(connection)) dispatcher.fill(connection);
  }

  /**
   * Resolves when the message may be acknowledged: what it reports is committed (E1), or was committed before, or has no
   * meaning here. Rejects when it could not be stored: then it must not be acknowledged. Messages of one connection must
   * be handed over in the order received.
   */
  received(connection: ServiceConnection, message: ServiceMessage): Promise<void> {
    if (message.type === 'pong' || message.type === 'task_status') return Promise.resolve();
    const { assignments, loop, logger } = this.options;
    const { serviceId } = connection;
    const assignment = assignments.find(serviceId, message.idempotencyKey);
    if (!assignment) {
      logger.debug('message for a key that is not open', { serviceId, type: message.type });
      return Promise.resolve();
    }
    const command = responseCommand(assignment, message);
    return command ? loop.execute(assignment.orchestration, command) : Promise.resolve();
  }

  /** A message for a known key that cannot be read: the attempt fails with this error. Resolves as `received` does. */
  malformed(connection: ServiceConnection, idempotencyKey: string, error: string): Promise<void> {
    const { assignments, loop } = this.options;
    const assignment = assignments.find(connection.serviceId, idempotencyKey);
    if (!assignment) return Promise.resolve();
    return loop.execute(assignment.orchestration, malformedCommand(assignment, error));
  }

  /** Gives a service that has work the grace period to connect, after the engine itself started. */
  holdForReconnect(serviceId: string): void {
    const { available } = this.options;
    if (available.has(serviceId)) return;
    available.add(serviceId);
    this.startGrace(serviceId);
  }

  close(): void {
    for (const timer of this.graceTimers.values()) timer.clear();
  }

  private startGrace(serviceId: ServiceConnection['serviceId'] | string): void {
    const { connections, available, dispatcher, clock, logger, disconnectGraceMs } = this.options;
    this.endGrace(serviceId);
    const timer = clock.setTimer(disconnectGraceMs, () => {
      this.graceTimers.delete(serviceId);
      // If another replica is connected, it takes over what the lost one had.
      const tasks = dispatcher.placeUnsent(serviceId);
      if (connections.isConnected(serviceId as ServiceConnection['serviceId'])) return;
      available.delete(serviceId);
      logger.info('service is away, its tasks are paused', { serviceId, tasks });
      dispatcher.advanceUsers(serviceId);
    });
    this.graceTimers.set(serviceId, timer);
  }

  private endGrace(serviceId: string): void {
    this.graceTimers.get(serviceId)?.clear();
    this.graceTimers.delete(serviceId);
  }
}
