/**
 * Stored events as a later run of the engine sees them (E11). Their times may be later than its own time, because the wall
 * clock was set back between the runs. Then deadlines that follow from them would be farther away than their full duration.
 */
import type { OrchestrationEvent } from './events';

/**
 * Moves events that are later than `latest` directly before it, with the deadlines that they contain. So every deadline
 * that follows from an event continues from `clamp(deadline - now, 0, full duration)`.
 */
export function withTimesUntil(events: readonly OrchestrationEvent[], latest: number): readonly OrchestrationEvent[] {
  if (events.every(({ at }) => at <= latest)) return events;
  return events.map((event) => (event.at > latest ? movedBack(event, event.at - latest + 1) : event));
}

function movedBack(event: OrchestrationEvent, byMs: number): OrchestrationEvent {
  const at = event.at - byMs;
  return 'retryAt' in event && event.retryAt !== undefined
    ? { ...event, at, retryAt: event.retryAt - byMs }
    : { ...event, at };
}
