/** Rules about committed events, checked when they are committed: E6 (one at a time, in order), E7, E8, E9, E11. */
import type { OrchestrationEvent } from '@orra-ts/engine/testing';
import { EPOCH_MS } from '../kernel/process-scope';
import type { Scheduler } from '../kernel/scheduler';
import type { WorldSpec } from '../spec/world-spec';
import { FORGED_OUTPUT } from '../system/network';
import { openDeliveries } from './deliveries';
import {
  badEnd,
  builtOn,
  isOf,
  nameOf,
  revertOf,
  eventsOf,
  terminalEvents,
  type Observations,
  type ObservedEvent,
  type ObservedOrchestration,
} from './observations';
import { checkRepetition } from './repetition-rules';
import type { Report } from './rules';
import { stalledMs } from './stalls';

type EventOf<T extends OrchestrationEvent['type']> = Extract<OrchestrationEvent, { type: T }>;

const LIMIT_MS = 30_000;
/** `doubtMs`. */
const DOUBT_MS = 60_000;
const MAX_TASK_ATTEMPTS = 5;
const MAX_REVERT_ATTEMPTS = 10;
/** After a start of the engine, a running task waits for its holder before its limit begins anew. */
const CLAIM_WAIT_MS = 30_000;
/** A timer and what follows from it: events store whole milliseconds, and earlier work of the same turn comes first. */
const SLACK_MS = 50;
/** An attempt is never late by more, unless the engine could not run. */
const LATE_MS = 5_000;
/** The wall clocks of a world stay within this of the true time. */
const MAX_CLOCK_ERROR_MS = 7 * 24 * 60 * 60_000;

export class EventRules {
  constructor(
    private readonly spec: WorldSpec,
    private readonly scheduler: Scheduler,
    private readonly observations: Observations,
    private readonly engineStart: () => { readonly atMs: number },
    private readonly report: Report,
  ) {}

  committed(events: readonly ObservedEvent[]): void {
    for (const observed of events) {
      const orchestration = this.observations.of(observed);
      if (!orchestration) continue;
      const at = orchestration.events.indexOf(observed);
      const before = { ...orchestration, events: orchestration.events.slice(0, at) };
      this.time(before, observed);
      checkRepetition(before, observed.event, this.report);
      this.check(before, observed);
    }
  }

  private check(before: ObservedOrchestration, observed: ObservedEvent): void {
    const { event } = observed;
    const name = nameOf(before, event);
    if (event.type === 'task_started' && event.attempt > MAX_TASK_ATTEMPTS) {
      this.report('E8', `${name} has attempt ${event.attempt}`);
    } else if (event.type === 'task_completed') {
      const { charge } = event.output as { readonly charge?: unknown };
      if (charge === FORGED_OUTPUT) this.report('E7', `${name} is completed by a message of another service`);
    } else if (event.type === 'task_attempt_failed') {
      this.timedOut(before, observed, event, 'task_started', CLAIM_WAIT_MS);
    } else if (event.type === 'compensation_attempt_failed') {
      this.timedOut(before, observed, event, 'compensation_started', 0);
    } else if (event.type === 'compensation_started') {
      if (event.attempt > MAX_REVERT_ATTEMPTS) this.report('E8', `the revert of ${name} has attempt ${event.attempt}`);
      this.undecided(before, event);
      this.turn(before, event);
    } else if (event.type === 'in_doubt_recorded' || event.type === 'compensation_added') {
      this.decided(before, observed, event.taskId);
    } else if (event.type === 'compensation_finished' && event.status === 'expired') {
      this.expired(before, observed, event);
    }
  }

  /** E9, E11: engine time never goes back while an engine runs, and comes from the clock that the engine was given. */
  private time(before: ObservedOrchestration, { event: { at, type } }: ObservedEvent): void {
    const { order } = before;
    const last = before.events.at(-1);
    // An engine uses the wall clock at its start, which may have been set back while it was down.
    const isEarlierRun = last && last.atMs < this.engineStart().atMs && this.wasClockSet();
    if (last && at < last.event.at && !isEarlierRun)
      this.report('E11', `${type} of ${order.name} is before the event that precedes it`);
    if (Math.abs(at - EPOCH_MS - this.scheduler.nowMs) > MAX_CLOCK_ERROR_MS) {
      this.report('E9', `${type} of ${order.name} has the time ${new Date(at).toISOString()}`);
    }
  }

  /** E10: a task with an open delivery is waited for. */
  private decided(before: ObservedOrchestration, { decidedMs: [, latest] }: ObservedEvent, taskId: string): void {
    const end = badEnd(before);
    if (!end || openDeliveries(before, taskId).length === 0) return;
    const waitedMs = latest - end.decidedMs[0];
    if (waitedMs < DOUBT_MS - SLACK_MS) {
      this.report(
        'E10',
        `${before.order.name}/${taskId} is decided ${waitedMs} ms after the end, although it may respond`,
      );
    }
  }

  /** E11, both ways: a timeout is neither early nor late. The limit begins anew with each start of the engine. */
  private timedOut(
    before: ObservedOrchestration,
    { decidedMs: [, latest] }: ObservedEvent,
    event: EventOf<'task_attempt_failed'> | EventOf<'compensation_attempt_failed'>,
    startedBy: 'task_started' | 'compensation_started',
    claimWaitMs: number,
  ): void {
    if (!/timed out/i.test(event.error)) return;
    const started = eventsOf(before, startedBy, event.taskId)
      .filter((one) => revertOf(one.event) === revertOf(event))
      .at(-1);
    if (!started) return this.report('E11', `${nameOf(before, event)} timed out without a start`);
    const { atMs: startMs } = this.engineStart();
    const isRestored = started.atMs < startMs;
    const [earliestStart, latestStart] = started.decidedMs;
    const what =
      event.type === 'task_attempt_failed' ? nameOf(before, event) : `the revert of ${nameOf(before, event)}`;
    const atMost = latest - (isRestored ? startMs : earliestStart);
    if (atMost < LIMIT_MS - SLACK_MS) this.report('E11', `${what} timed out after ${atMost} ms instead of ${LIMIT_MS}`);
    const atLeast = latest - (isRestored ? startMs : latestStart);
    // An attempt that begins while an earlier delivery may be claimed has its limit after that.
    const awaitsClaim =
      isRestored ||
      (started.atMs < startMs + claimWaitMs &&
        eventsOf(before, startedBy, event.taskId).some(({ atMs }) => atMs < startMs));
    const allowed = LIMIT_MS + (awaitsClaim ? claimWaitMs : 0) + stalledMs(this.spec, this.scheduler.nowMs) + LATE_MS;
    if (atLeast > allowed) this.report('E11', `${what} timed out after ${atLeast} ms, which is late`);
  }

  private expired(
    before: ObservedOrchestration,
    observed: ObservedEvent,
    event: EventOf<'compensation_finished'>,
  ): void {
    const retried = eventsOf(before, 'compensation_retried', event.taskId).at(-1);
    const added = eventsOf(before, 'compensation_added', event.taskId).at(-1);
    const completed = eventsOf(before, 'task_completed', event.taskId).at(-1);
    // The TTL of a revert without output counts from the end of the orchestration.
    const ended = added && before.events.find(({ event: { type } }) => /^orchestration_/.test(type));
    const from = retried ?? completed ?? ended;
    if (!from) return;
    const dayMs = 24 * 60 * 60_000;
    const serviceTtlMs = completed?.event.compensation?.ttlMs ?? added?.event.ttlMs ?? dayMs;
    const ttlMs = retried ? Math.max(serviceTtlMs, dayMs) : serviceTtlMs;
    const passedMs = observed.atMs - from.decidedMs[0];
    // Across a restart, the engine can only compare wall clocks: one that was set makes it expire early.
    const isComparable = from.atMs >= this.engineStart().atMs || !this.wasClockSet();
    if (isComparable && passedMs < ttlMs - SLACK_MS) {
      this.report('E11', `the revert of ${nameOf(before, event)} expired after ${passedMs} ms instead of ${ttlMs}`);
    }
  }

  private wasClockSet(): boolean {
    return this.spec.faults.some(
      ({ kind, atMs, ...fault }) =>
        kind === 'clock' && atMs <= this.scheduler.nowMs && 'process' in fault && fault.process === 'engine',
    );
  }

  /** The decision of an operator stands until a retry. */
  private undecided(before: ObservedOrchestration, event: EventOf<'compensation_started'>): void {
    const last = before.events.findLast(
      ({ event: other }) =>
        (other.type === 'compensation_retried' || (other.type === 'compensation_failure_resolved' && !other.late)) &&
        isOf(other, event.taskId) &&
        revertOf(other) === revertOf(event),
    );
    if (last?.event.type !== 'compensation_failure_resolved') return;
    this.report('decided', `${nameOf(before, event)} is reverted, but an operator has decided about it`);
  }

  /** E6: one attempt at a time, and nothing that can go first is left out, unless the plan says `parallel`. */
  private turn(before: ObservedOrchestration, event: EventOf<'compensation_started'>): void {
    const { order } = before;
    if (order.compensation === 'parallel') return;
    for (const other of order.tasks) {
      for (const id of revertsOf(before, other.id)) {
        if (id !== revertOf(event) && isUnderWay(before, id)) {
          this.report('E6', `the revert of ${nameOf(before, event)} starts while that of ${other.id} runs`);
        }
      }
    }
    if (event.attempt > 1 || event.revertId !== undefined) return;
    // In a completed orchestration only duplicates are reverted.
    if (!badEnd(before)) return;
    const own = completedAt(before, event.taskId);
    // Late work and work without an output come first.
    if (own < 0) return;
    const skipped = order.tasks.find(({ id, service }) => {
      const isRevertible = this.spec.services.find(({ name }) => name === service)?.revertible === true;
      return (
        isRevertible &&
        completedAt(before, id) > own &&
        revertsOf(before, id).length === 0 &&
        !this.mayBeHeld(before, id)
      );
    });
    if (skipped)
      this.report(
        'E6',
        `the revert of ${nameOf(before, event)} starts before that of ${skipped.id}, which completed later`,
      );
  }

  /** Whether a revert may wait for others: one of the tasks that were built on its task is neither reverted nor over. */
  private mayBeHeld(before: ObservedOrchestration, taskId: string): boolean {
    return builtOn(before.order, taskId).some((id) => {
      if (openDeliveries(before, id).length > 0) return true;
      const isBegun =
        eventsOf(before, 'task_completed', id).length > 0 || eventsOf(before, 'compensation_added', id).length > 0;
      return isBegun && eventsOf(before, 'compensation_finished', id).length === 0;
    });
  }
}

const isRevertEvent = ({ type }: OrchestrationEvent): boolean =>
  type === 'compensation_started' ||
  type === 'compensation_paused' ||
  type === 'compensation_held' ||
  type === 'compensation_attempt_failed' ||
  type === 'compensation_finished';

/** Ids of the reverts of a task that have begun. */
const revertsOf = ({ events }: ObservedOrchestration, taskId: string): string[] => [
  ...new Set(
    events.filter(({ event }) => isRevertEvent(event) && isOf(event, taskId)).map(({ event }) => revertOf(event)),
  ),
];

/** Whether the newest event of a revert is the start of an attempt. A late success can take its place. */
function isUnderWay({ events }: ObservedOrchestration, revertId: string): boolean {
  const at = events.findLastIndex(({ event }) => isRevertEvent(event) && revertOf(event) === revertId);
  const last = events[at]?.event;
  if (last?.type !== 'compensation_started') return false;
  return !events
    .slice(at)
    .some(
      ({ event }) => event.type === 'task_completed' && event.taskId === last.taskId && event.insteadOfRevert === true,
    );
}

/** Position of the completion of a task before the end; -1: it has none. */
function completedAt(orchestration: ObservedOrchestration, taskId: string): number {
  const [completed] = eventsOf(orchestration, 'task_completed', taskId);
  const [end] = terminalEvents(orchestration);
  const at = completed ? orchestration.events.indexOf(completed) : -1;
  return end && at < orchestration.events.indexOf(end) ? at : -1;
}
