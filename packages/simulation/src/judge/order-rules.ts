/** The order of reverts across tasks, checked when a revert is first sent: E6, E13. */
import type { Scheduler } from '../kernel/scheduler';
import type { WorldSpec } from '../spec/world-spec';
import { openDeliveries } from './deliveries';
import {
  badEnd,
  builtOn,
  eventsOf,
  type Observations,
  type ObservedEvent,
  type ObservedOrchestration,
} from './observations';
import type { Report } from './rules';
import type { WireMessage } from './wire-message';

/** `compensationHoldMs` and the limit of a task. */
const HOLD_MS = 300_000;
const TIMEOUT_MS = 30_000;
const SLACK_MS = 50;

export class OrderRules {
  private readonly reverts = new Set<string>();

  constructor(
    private readonly spec: WorldSpec,
    private readonly scheduler: Scheduler,
    private readonly observations: Observations,
    private readonly engineStart: () => { readonly atMs: number },
    private readonly report: Report,
  ) {}

  revertSent({ id = '', idempotencyKey = '', compensationContext }: WireMessage): void {
    if (this.reverts.has(idempotencyKey)) return;
    this.reverts.add(idempotencyKey);
    const orchestration = this.observations.orchestrations.get(compensationContext?.orchestrationId ?? '');
    const end = orchestration && badEnd(orchestration);
    if (!orchestration || !end) return;
    const begun = orchestration.events.findLastIndex(
      ({ event }) => event.type === 'compensation_started' && event.taskId === id,
    );
    // A revert that had its turn when its service was away is not held again for work that turns out to be completed later.
    const turn = orchestration.events.findIndex(
      ({ event }) => event.type === 'compensation_paused' && event.taskId === id,
    );
    // What an operator requests has its own clocks.
    if (eventsOf(orchestration, 'compensation_retried').length > 0) return;
    const before = { ...orchestration, events: orchestration.events.slice(0, begun) };
    const name = `${orchestration.order.name}/${id}`;
    const halfTtlMs = this.halfOfTtlLeft(before, id, end);
    const holdMs = Math.min(HOLD_MS, halfTtlMs);
    const heldUntilMs = end.decidedMs[0] + halfTtlMs - SLACK_MS;
    const decidedMs = orchestration.events[begun]?.decidedMs[1] ?? this.scheduler.nowMs;
    for (const dependent of builtOn(orchestration.order, id)) {
      const completed = orchestration.events.findIndex(
        ({ event }) => event.type === 'task_completed' && event.taskId === dependent,
      );
      if (turn >= 0 && turn < completed) continue;
      if (this.mustBeUndone(before, dependent)) {
        const since = this.stuckSince(before, dependent, end);
        if (since === undefined || decidedMs < since + holdMs - SLACK_MS) {
          this.report('E6', `${name} is reverted before ${dependent}, which was built on it`);
        }
      }
      if (this.runsWithinLimit(before, dependent, decidedMs) && decidedMs < heldUntilMs) {
        this.report('E13', `${name} is reverted while ${dependent}, which was built on it, runs`);
      }
    }
  }

  /** In engine time: over a restart, the engine can only compare wall clocks. */
  private halfOfTtlLeft(before: ObservedOrchestration, taskId: string, end: ObservedEvent): number {
    const completed = eventsOf(before, 'task_completed', taskId)[0]?.event;
    if (!completed) return Infinity;
    return (completed.at + (completed.compensation?.ttlMs ?? 0) - Math.max(completed.at, end.event.at)) / 2;
  }

  /** Whether a task has an effect and its own revert has not ended. */
  private mustBeUndone(before: ObservedOrchestration, taskId: string): boolean {
    const task = before.order.tasks.find(({ id }) => id === taskId);
    const service = this.spec.services.find(({ name }) => name === task?.service);
    if (!service?.revertible || eventsOf(before, 'task_completed', taskId).length === 0) return false;
    return eventsOf(before, 'compensation_finished', taskId).length === 0;
  }

  /** Since when the revert of a task cannot proceed, or waits for one that cannot; undefined: it can. */
  private stuckSince(before: ObservedOrchestration, taskId: string, end: ObservedEvent): number | undefined {
    let since: number | undefined;
    for (const id of [taskId, ...builtOn(before.order, taskId)]) {
      const stuck = before.events.find(
        ({ event }) =>
          (event.type === 'compensation_paused' || event.type === 'compensation_attempt_failed') && event.taskId === id,
      );
      const atMs = openDeliveries(before, id).length > 0 ? end.decidedMs[0] : stuck?.decidedMs[0];
      if (atMs !== undefined) since = Math.min(since ?? Infinity, atMs);
    }
    return since;
  }

  /** Whether a request for the task is open and its limit, which begins anew with each start of the engine, has not passed. */
  private runsWithinLimit(before: ObservedOrchestration, taskId: string, nowMs: number): boolean {
    if (eventsOf(before, 'task_completed', taskId).length > 0) return false;
    const open = openDeliveries(before, taskId);
    const newest = before.events.findLast(
      ({ event }) => (event.type === 'task_started' || event.type === 'task_redelivered') && open.includes(event.id),
    );
    if (!newest) return false;
    const endedAtMs = badEnd(before)?.decidedMs[0] ?? 0;
    if (newest.decidedMs[0] + TIMEOUT_MS <= endedAtMs) return false;
    const startedMs = Math.max(newest.decidedMs[0], this.engineStart().atMs);
    if (nowMs >= startedMs + TIMEOUT_MS - SLACK_MS) return false;
    return this.observations
      .activeRuns()
      .some(({ kind, order, task }) => kind === 'handler' && order === before.order.name && task === taskId);
  }
}
