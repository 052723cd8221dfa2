/**
 * The engine asks about tasks whose result is not wanted any more (E10, E12): each connection that has one gets
 * `task_cancel`, also if it opens or claims the task later.
 */
import type { Connection } from '../system/connection';
import { replicasOf, type WorldSpec } from '../spec/world-spec';
import { openDeliveries, type HeldRequests } from './deliveries';
import { badEnd, eventsOf, type Observations, type ObservedEvent, type ObservedOrchestration } from './observations';
import type { Report } from './rules';
import type { WireMessage } from './wire-message';

/** An engine that runs asks within this time. */
const ASKED_MS = 1_000;
/** A decision that makes the question needless can be on its way to a slow journal for this long. */
const WRITTEN_MS = 30_000;

export class AskRules {
  private readonly asked = new Map<Connection, Set<string>>();

  constructor(
    private readonly spec: WorldSpec,
    private readonly observations: Observations,
    private readonly held: HeldRequests,
    private readonly report: Report,
  ) {}

  sent(connection: Connection, { idempotencyKey = '' }: WireMessage): void {
    this.asked.set(connection, (this.asked.get(connection) ?? new Set()).add(idempotencyKey));
  }

  committed(events: readonly ObservedEvent[]): void {
    for (const observed of events) {
      const orchestration = this.observations.of(observed);
      if (!orchestration) continue;
      const { event } = observed;
      if (event.type === 'task_completed') {
        this.expectHolders(orchestration, event.taskId, 'another delivery of it succeeded');
      } else if (badEnd(orchestration) === observed) {
        for (const { id } of orchestration.order.tasks)
          this.expectHolders(orchestration, id, 'its orchestration ended badly');
      }
    }
  }

  /** A service has connected. */
  accepted(connection: Connection): void {
    for (const orchestration of this.observations.orchestrations.values()) {
      if (!badEnd(orchestration)) continue;
      for (const { id, service } of orchestration.order.tasks) {
        const spec = this.spec.services.find(({ name }) => name === service);
        if (!spec?.revertible || !replicasOf(spec).includes(connection.link.replica)) continue;
        const key = this.held.keyOf(orchestration.id, id);
        if (key !== undefined && this.isUndecided(orchestration, id)) {
          this.expect(connection, key, orchestration, id, 'its service has connected', () =>
            this.isUndecided(orchestration, id),
          );
        }
      }
    }
  }

  /** A message of a service has arrived, and `HeldRequests` knows it. */
  arrived(connection: Connection, { type, status = 'in_progress', idempotencyKey: key = '' }: WireMessage): void {
    const task = type === 'task_status' && status === 'in_progress' ? this.held.task(key) : undefined;
    const orchestration = this.observations.orchestrations.get(task?.orchestrationId ?? '');
    if (!task || !orchestration || !badEnd(orchestration)) return;
    if (!this.held.holders(key).includes(connection)) return;
    const isOpen = (): boolean => openDeliveries(orchestration, task.taskId).length > 0;
    if (isOpen()) this.expect(connection, key, orchestration, task.taskId, 'its holder has claimed it', isOpen);
  }

  private isUndecided(orchestration: ObservedOrchestration, taskId: string): boolean {
    if (openDeliveries(orchestration, taskId).length === 0) return false;
    return !(['task_completed', 'in_doubt_recorded', 'compensation_added'] as const).some(
      (type) => eventsOf(orchestration, type, taskId).length > 0,
    );
  }

  private expectHolders(orchestration: ObservedOrchestration, taskId: string, why: string): void {
    const key = this.held.keyOf(orchestration.id, taskId);
    if (key === undefined) return;
    for (const holder of this.held.holders(key)) this.expect(holder, key, orchestration, taskId, why, () => true);
  }

  /** Looks again when the engine has had time to ask; a crash or a freeze of the engine also stops this look. */
  private expect(
    connection: Connection,
    key: string,
    { order }: ObservedOrchestration,
    taskId: string,
    why: string,
    isStillWanted: () => boolean,
  ): void {
    const isAboutConnect = why === 'its service has connected';
    connection.engine.schedule(isAboutConnect ? WRITTEN_MS : ASKED_MS, () => {
      if (!connection.isOpenAtEngine || this.asked.get(connection)?.has(key) || !isStillWanted()) return;
      if (!isAboutConnect && !this.held.holders(key).includes(connection)) return;
      this.report('E10', `${connection.link.replica} is not asked about ${order.name}/${taskId}, although ${why}`);
    });
  }
}
