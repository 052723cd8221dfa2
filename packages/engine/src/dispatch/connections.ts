/** The connected services, and the choice of a connection for a message. */
import type { EngineMessage, ProjectId, ServiceId } from '@orra-ts/protocol';

/** One open socket of a service, created by the gateway. */
export interface ServiceConnection {
  readonly serviceId: ServiceId;
  readonly projectId: ProjectId;
  /** The service requested `task-meta`. */
  readonly taskMeta: boolean;
  /** What its SDK announced for this connection, `task-meta` included. Replicas of one service may differ. */
  readonly capabilities: ReadonlySet<string>;
  /** Tasks sent over it that have no outcome yet. The core keeps the count, for least-busy routing. */
  load: number;
  /**
   * Passes a message to the socket. False if the socket is closed, or if its buffer is full (E8); the core is notified when
   * there is room again.
   *
   * @throws OrraError when no connection could ever carry it
   */
  send(message: EngineMessage): boolean;
}

/** Healthy connections of every service; several connections of one service are its replicas. */
export class Connections {
  private readonly byService = new Map<ServiceId, Set<ServiceConnection>>();

  add(connection: ServiceConnection): void {
    const connections = this.byService.get(connection.serviceId);
    if (connections) connections.add(connection);
    else this.byService.set(connection.serviceId, new Set([connection]));
  }

  /** Removes only this connection; others of the same service stay. Returns whether it was present. */
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

  /** The least busy connection of a service. Of equals the newest, since an older one may be dead without knowing it. */
  pick(serviceId: ServiceId, avoided?: ServiceConnection): ServiceConnection | undefined {
    let best: ServiceConnection | undefined;
    for (const connection of this.byService.get(serviceId) ?? []) {
      if (connection === avoided) continue;
      if (!best || connection.load <= best.load) best = connection;
    }
    return best ?? (avoided && this.has(avoided) ? avoided : undefined);
  }

  of(serviceId: ServiceId): readonly ServiceConnection[] {
    return [...(this.byService.get(serviceId) ?? [])];
  }
}
