/** Rules about messages, checked when they are sent: E1, E4, E6, E10, E13. */
import type { Scheduler } from '../kernel/scheduler';
import type { WorldSpec } from '../spec/world-spec';
import type { Connection } from '../system/connection';
import { builtOn, eventsOf, terminalEvents, type Observations, type ObservedOrchestration } from './observations';
import type { Report } from './rules';

/** The members that the rules read. */
interface WireMessage {
  readonly type: string;
  readonly id?: string;
  readonly idempotencyKey?: string;
  readonly orchestrationId?: string;
  readonly compensationContext?: { readonly orchestrationId: string } | null;
  readonly timeoutMs?: number;
  readonly result?: unknown;
  readonly error?: unknown;
}

interface KnownKey {
  readonly orchestrationId: string;
  readonly taskId: string;
  readonly sentAtMs: number;
  readonly timeoutMs: number;
}

/** `compensationHoldMs` and the default limit of a task. */
const HOLD_MS = 300_000;
const DEFAULT_TIMEOUT_MS = 30_000;
/** The limit counts from the decision; a request is sent after its commit. */
const SENDING_MS = 1_000;

export class WireRules {
  /** By idempotency key. */
  private readonly tasks = new Map<string, KnownKey>();
  private readonly reverts = new Set<string>();
  /** Keys of successes by wrapper id, not acknowledged yet. */
  private readonly successes = new Map<string, string>();

  constructor(
    private readonly spec: WorldSpec,
    private readonly scheduler: Scheduler,
    private readonly observations: Observations,
    private readonly report: Report,
  ) {}

  sent(connection: Connection, direction: 'to-engine' | 'to-service', text: string): void {
    const message = JSON.parse(text) as WireMessage & { readonly payload?: WireMessage };
    if (direction === 'to-engine') return this.fromService(connection, message);
    switch (message.type) {
      case 'ACK':
        return this.acknowledged(`${connection.link.replica} ${message.id ?? ''}`);
      case 'task_request':
        return this.taskSent(message);
      case 'compensation_request':
        return this.revertSent(message);
    }
  }

  /** When the newest request for a task was sent, and its limit. */
  private latestRequest(orchestrationId: string, taskId: string): KnownKey | undefined {
    for (const known of this.tasks.values()) {
      if (known.orchestrationId === orchestrationId && known.taskId === taskId) return known;
    }
    return undefined;
  }

  private fromService(
    connection: Connection,
    { id = '', payload }: WireMessage & { readonly payload?: WireMessage },
  ): void {
    const key = payload?.idempotencyKey;
    if (payload?.type !== 'task_result' || payload.result == null || payload.error != null || key === undefined) return;
    if (this.tasks.has(key)) this.successes.set(`${connection.link.replica} ${id}`, key);
  }

  private acknowledged(id: string): void {
    const known = this.tasks.get(this.successes.get(id) ?? '');
    this.successes.delete(id);
    const orchestration = known && this.observations.orchestrations.get(known.orchestrationId);
    if (!known || !orchestration) return;
    if (eventsOf(orchestration, 'task_completed', known.taskId).length > 0) return;
    // After `lateResultMs`, as the wall clock has it at a start.
    if (eventsOf(orchestration, 'late_results_closed').length > 0) return;
    const ended = terminalEvents(orchestration).length > 0;
    const text = `a success of ${orchestration.order.name}/${known.taskId} is acknowledged, but not committed`;
    this.report(ended ? 'E10' : 'E1', text);
  }

  private taskSent({
    id = '',
    idempotencyKey = '',
    orchestrationId = '',
    timeoutMs = DEFAULT_TIMEOUT_MS,
  }: WireMessage): void {
    const known = { orchestrationId, taskId: id, sentAtMs: this.scheduler.nowMs, timeoutMs };
    this.tasks.set(idempotencyKey, known);
    const orchestration = this.observations.orchestrations.get(orchestrationId);
    if (!orchestration) return this.report('E4', `${id} of an orchestration that is not committed is sent`);
    const name = `${orchestration.order.name}/${id}`;
    if (terminalEvents(orchestration).length > 0)
      this.report('E4', `${name} is sent after the end of its orchestration`);
    if (eventsOf(orchestration, 'task_completed', id).length > 0)
      this.report('E4', `${name} is sent after its completion`);
  }

  private revertSent({ id = '', idempotencyKey = '', compensationContext }: WireMessage): void {
    if (this.reverts.has(idempotencyKey)) return;
    this.reverts.add(idempotencyKey);
    const orchestration = this.observations.orchestrations.get(compensationContext?.orchestrationId ?? '');
    if (!orchestration) return;
    const end = terminalEvents(orchestration)[0];
    const heldForMs = this.scheduler.nowMs - (end?.atMs ?? 0);
    if (heldForMs >= Math.min(HOLD_MS, this.halfOfTtlLeft(orchestration, id, end?.atMs ?? 0))) return;
    for (const dependent of builtOn(orchestration.order, id)) {
      const name = `${orchestration.order.name}/${id}`;
      if (this.mustBeUndone(orchestration, dependent, id)) {
        this.report('E6', `${name} is reverted before ${dependent}, which was built on it`);
      }
      if (this.runsWithinLimit(orchestration, dependent)) {
        this.report('E13', `${name} is reverted while ${dependent}, which was built on it, runs`);
      }
    }
  }

  private halfOfTtlLeft(orchestration: ObservedOrchestration, taskId: string, endedAtMs: number): number {
    const completed = eventsOf(orchestration, 'task_completed', taskId)[0];
    const ttlMs = completed?.event.compensation?.ttlMs ?? 0;
    return ((completed?.atMs ?? 0) + ttlMs - endedAtMs) / 2;
  }

  /** Whether a dependent task had completed when the revert began, and its own revert has not ended. */
  private mustBeUndone(orchestration: ObservedOrchestration, taskId: string, revertedId: string): boolean {
    const task = orchestration.order.tasks.find(({ id }) => id === taskId);
    const service = this.spec.services.find(({ name }) => name === task?.service);
    const begun = orchestration.events.findIndex(
      ({ event }) => event.type === 'compensation_started' && event.taskId === revertedId,
    );
    const before = { ...orchestration, events: orchestration.events.slice(0, begun) };
    if (!service?.revertible || eventsOf(before, 'task_completed', taskId).length === 0) return false;
    return eventsOf(orchestration, 'compensation_finished', taskId).length === 0;
  }

  private runsWithinLimit(orchestration: ObservedOrchestration, taskId: string): boolean {
    const request = this.latestRequest(orchestration.id, taskId);
    if (!request || this.scheduler.nowMs - request.sentAtMs >= request.timeoutMs - SENDING_MS) return false;
    return this.observations
      .activeRuns()
      .some(
        ({ kind, order, task, connection, scope }) =>
          kind === 'handler' &&
          order === orchestration.order.name &&
          task === taskId &&
          connection?.isOpen === true &&
          scope.frozenUntilMs <= this.scheduler.nowMs,
      );
  }
}
