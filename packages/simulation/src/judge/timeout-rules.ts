/** E11: an attempt times out only if its service could respond: it was connected, and had the request. */
import type { Scheduler } from '../kernel/scheduler';
import { replicasOf, type WorldSpec } from '../spec/world-spec';
import type { Connection } from '../system/connection';
import { eventsOf, nameOf, revertOf, type Observations, type ObservedEvent } from './observations';
import type { Report } from './rules';
import { stalledMs } from './stalls';
import type { WireMessage } from './wire-message';

/** `disconnectGraceMs`, and the time that a decision takes. */
const GRACE_MS = 2_000 + 5_000;

export class TimeoutRules {
  /** When the engine last sent an attempt, by execution id. */
  private readonly sentAt = new Map<string, number>();
  /** When a service last stated that it has a key. */
  private readonly claimedAt = new Map<string, number>();
  private readonly keys = new Map<string, string>();
  /** Open connections, and when each was accepted. */
  private readonly connections = new Map<Connection, number>();
  /** When the last connection of a service was open, by the name of the service. */
  private readonly disconnectedAt = new Map<string, number>();

  constructor(
    private readonly spec: WorldSpec,
    private readonly scheduler: Scheduler,
    private readonly observations: Observations,
    private readonly engineStart: () => { readonly atMs: number },
    private readonly report: Report,
  ) {}

  accepted(connection: Connection): void {
    this.connections.set(connection, this.scheduler.nowMs);
  }

  /** The engine closes a connection, or sees that it is closed. */
  ended(connection: Connection): void {
    if (!this.connections.delete(connection)) return;
    for (const service of this.spec.services) {
      if (replicasOf(service).includes(connection.link.replica)) {
        this.disconnectedAt.set(service.name, this.scheduler.nowMs);
      }
    }
  }

  /** The engine sends a request for a task or a revert. */
  sent({ executionId = '', idempotencyKey = '' }: WireMessage): void {
    this.sentAt.set(executionId, this.scheduler.nowMs);
    this.keys.set(executionId, idempotencyKey);
  }

  /** A message of a service has arrived. */
  arrived({ type, status, idempotencyKey = '' }: WireMessage): void {
    if (type === 'task_status' && status === 'in_progress') this.claimedAt.set(idempotencyKey, this.scheduler.nowMs);
  }

  committed(events: readonly ObservedEvent[]): void {
    for (const observed of events) {
      const { event } = observed;
      const isTask = event.type === 'task_attempt_failed';
      if (!isTask && event.type !== 'compensation_attempt_failed') continue;
      if (!/timed out/i.test(event.error) || (isTask && event.sent === false)) continue;
      const orchestration = this.observations.of(observed);
      if (!orchestration) continue;
      const events = orchestration.events.slice(0, orchestration.events.indexOf(observed));
      const what = `${isTask ? '' : 'the revert of '}${nameOf(orchestration, event)}`;
      const started = eventsOf(
        { ...orchestration, events },
        isTask ? 'task_started' : 'compensation_started',
        event.taskId,
      ).findLast((one) => revertOf(one.event) === revertOf(event));
      // What is committed only when its limit is over, because the engine was stalled, cannot be sent before.
      const isSendable = started !== undefined && started.atMs < observed.decidedMs[0];
      if (isSendable && !this.wasReceived(started.event.executionId)) {
        this.report('E11', `${what} timed out, but was not sent since the engine started`);
      }
      const service = orchestration.order.tasks.find(({ id }) => id === event.taskId)?.service ?? '';
      if (!this.wasConnected(service, observed.decidedMs[0]))
        this.report('E11', `${what} timed out while its service was disconnected`);
    }
  }

  /** An engine that starts sends a running attempt again, unless its holder claims the key. */
  private wasReceived(executionId: string): boolean {
    const { atMs } = this.engineStart();
    if ((this.sentAt.get(executionId) ?? -1) >= atMs) return true;
    return (this.claimedAt.get(this.keys.get(executionId) ?? '') ?? -1) >= atMs;
  }

  /** @param decidedMs when the timeout was decided; the commit can be later, and after a crash */
  private wasConnected(name: string, decidedMs: number): boolean {
    const service = this.spec.services.find((one) => one.name === name);
    const replicas = service ? replicasOf(service) : [];
    const { atMs } = this.engineStart();
    for (const [{ link }, acceptedMs] of this.connections) {
      if (acceptedMs >= atMs && replicas.includes(link.replica)) return true;
    }
    return (
      decidedMs - Math.max(this.disconnectedAt.get(name) ?? 0, atMs) <
      GRACE_MS + stalledMs(this.spec, this.scheduler.nowMs)
    );
  }
}
