/** Which services are connected, and over which of their connections a message goes. */
import type { EngineMessage, ProjectId, ServiceId } from '@orra-ts/protocol';

/** One open socket of a service; the gateway makes it. */
export interface ServiceConnection {
  readonly serviceId: ServiceId;
  readonly projectId: ProjectId;
  /** The service asked for `task-meta`. */
  readonly taskMeta: boolean;
  /** Tasks sent over it that have no outcome yet; kept by the core, for least-busy routing. */
  load: number;
  /**
   * Hands a message to the socket. False when it is closed, or when its buffer is full (E8): then the core hears of room.
   *
   * @throws OrraError when no connection could ever take it
   */
  send(message: EngineMessage): boolean;
}

/** Healthy connections of every service; several of one service are its replicas. */
export class Connections {
  private readonly byService = new Map<ServiceId, Set<ServiceConnection>>();

  add(connection: ServiceConnection): void {
    const connections = this.byService.get(connection.serviceId);
    if (connections) connections.add(connection);
    else this.byService.set(connection.serviceId, new Set([connection]));
  }

  /** Removes this connection only: another one of the same service stays. Answers whether it was there. */
  remove(connection: ServiceConnection): boolean {
    const connections = this.byService.get(connection.serviceId);
    if (!connections?.delete(connection)) return false;
    if (connections.size === 0) this.byService.delete(connection.serviceId);
    return true;
  }

  has(connection: ServiceConnection): boolean {
    return this.byService.get(connection.serviceId)?.has(connection) === true;
  }

  isConnected(serviceId: ServiceId): boolean {
    return this.byService.has(serviceId);
  }

  /** The least busy connection of a service; the newest of equals, since an older one may be dead without knowing. */
  pick(serviceId: ServiceId): ServiceConnection | undefined {
    let best: ServiceConnection | undefined;
    for (const connection of this.byService.get(serviceId) ?? []) {
      if (!best || connection.load <= best.load) best = connection;
    }
    return best;
  }

  of(serviceId: ServiceId): readonly ServiceConnection[] {
    return [...(this.byService.get(serviceId) ?? [])];
  }
}
