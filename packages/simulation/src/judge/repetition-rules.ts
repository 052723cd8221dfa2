/** E2: one command, one event. */
import type { OrchestrationEvent } from '@orra-ts/engine/testing';
import { eventsOf, isOf, nameOf, revertOf, type ObservedOrchestration } from './observations';
import type { Report } from './rules';

type EventOf<T extends OrchestrationEvent['type']> = Extract<OrchestrationEvent, { type: T }>;

/** @param before everything that was committed before the event */
export function checkRepetition(before: ObservedOrchestration, event: OrchestrationEvent, report: Report): void {
  const problem = repetitionOf(before, event);
  if (problem !== undefined) report('E2', `${nameOf(before, event)} ${problem}`);
}

function repetitionOf(before: ObservedOrchestration, event: OrchestrationEvent): string | undefined {
  if (event.type === 'task_completed') {
    return eventsOf(before, 'task_completed', event.taskId).length > 0 ? 'is completed twice' : undefined;
  }
  if (event.type === 'task_attempt_failed') return failedTwice(before, event);
  if (event.type === 'duplicate_recorded') return recordedTwice(before, event);
  return event.type === 'compensation_finished' ? revertedTwice(before, event) : undefined;
}

function failedTwice(before: ObservedOrchestration, { taskId }: EventOf<'task_attempt_failed'>): string | undefined {
  const last = before.events.findLast(
    ({ event }) => event.type !== 'task_updated' && event.type !== 'task_settled' && isOf(event, taskId),
  );
  return last?.event.type === 'task_attempt_failed' ? 'fails twice in one attempt' : undefined;
}

function recordedTwice(before: ObservedOrchestration, event: EventOf<'duplicate_recorded'>): string | undefined {
  const { taskId } = event;
  const output = JSON.stringify(event.output);
  const known = [...eventsOf(before, 'task_completed', taskId), ...eventsOf(before, 'duplicate_recorded', taskId)];
  const isKnown = known.some((one) => JSON.stringify(one.event.output) === output);
  return isKnown ? 'has a duplicate with a known output' : undefined;
}

/** A revert ends once, except that a late success or part of one that was given up is news. */
function revertedTwice(before: ObservedOrchestration, event: EventOf<'compensation_finished'>): string | undefined {
  const at = before.events.findLastIndex(
    ({ event: other }) =>
      other.type.startsWith('compensation_') &&
      other.type !== 'compensation_failure_resolved' &&
      revertOf(other) === revertOf(event),
  );
  const last = before.events[at]?.event;
  if (last?.type !== 'compensation_finished') return undefined;
  if (event.status === 'completed' && last.status !== 'completed') return undefined;
  if (event.status === 'partial' && last.status !== 'partial') return undefined;
  // A late success of the task has made it another revert.
  const isOther = eventsOf(before, 'task_completed', event.taskId).some((one) => before.events.indexOf(one) > at);
  return isOther ? undefined : `is reverted as ${event.status} after ${last.status}`;
}
