/** Rules about committed events, checked when they are committed: E11. */
import type { Scheduler } from '../kernel/scheduler';
import { eventsOf, type Observations, type ObservedEvent, type ObservedOrchestration } from './observations';
import type { Report } from './rules';

type AttemptFailed = Extract<ObservedEvent['event'], { type: 'task_attempt_failed' }>;

const TASK_LIMIT_MS = 30_000;
/** Events store whole milliseconds, and a commit follows its decision by a moment. */
const SLACK_MS = 50;

export class EventRules {
  constructor(
    private readonly scheduler: Scheduler,
    private readonly observations: Observations,
    /** When the running engine started, in virtual time and on its wall clock. */
    private readonly engineStart: () => { readonly atMs: number; readonly wallMs: number },
    private readonly report: Report,
  ) {}

  committed(events: readonly ObservedEvent[]): void {
    for (const { event } of events) {
      if (event.type !== 'task_attempt_failed' && event.type !== 'compensation_finished') continue;
      for (const orchestration of this.observations.orchestrations.values()) {
        if (!orchestration.events.some((observed) => observed.event === event)) continue;
        if (event.type === 'task_attempt_failed') this.attemptFailed(orchestration, event);
        else if (event.status === 'expired') this.expired(orchestration, event.taskId);
      }
    }
  }

  private attemptFailed(orchestration: ObservedOrchestration, failed: AttemptFailed): void {
    const { taskId } = failed;
    if (!/timed out/i.test(failed.error)) return;
    const at = orchestration.events.findIndex(({ event }) => event === failed);
    const before = { ...orchestration, events: orchestration.events.slice(0, at) };
    const started = eventsOf(before, 'task_started', taskId).at(-1);
    if (!started) return;
    const { atMs } = this.engineStart();
    // The limit counts from the decision, which a slow journal commits later, and begins anew with each start.
    const decidedAtMs = started.atMs < atMs ? atMs : atMs + started.event.at - this.engineTimeAtStart();
    const ranMs = Math.round(this.scheduler.nowMs - decidedAtMs);
    if (ranMs < TASK_LIMIT_MS - SLACK_MS) {
      this.report(
        'E11',
        `${orchestration.order.name}/${taskId} timed out after ${ranMs} ms instead of ${TASK_LIMIT_MS}`,
      );
    }
  }

  /** Engine time never starts before the newest stored event, even if the wall clock was set back. */
  private engineTimeAtStart(): number {
    const { atMs, wallMs } = this.engineStart();
    let newest = wallMs;
    for (const { events } of this.observations.orchestrations.values()) {
      for (const observed of events) if (observed.atMs < atMs) newest = Math.max(newest, observed.event.at);
    }
    return newest;
  }

  private expired(orchestration: ObservedOrchestration, taskId: string): void {
    const completed = eventsOf(orchestration, 'task_completed', taskId).at(-1);
    const ttlMs = completed?.event.compensation?.ttlMs ?? 0;
    const passedMs = this.scheduler.nowMs - (completed?.atMs ?? 0);
    // At a start, the engine can only compare wall clocks.
    if (completed && completed.atMs >= this.engineStart().atMs && passedMs < ttlMs - SLACK_MS) {
      this.report(
        'E11',
        `the revert of ${orchestration.order.name}/${taskId} expired after ${passedMs} ms instead of ${ttlMs}`,
      );
    }
  }
}
