/**
 * When an orchestration is at rest, by its committed events and regardless of what the engine thinks: it has ended, and every
 * revert that became due after a bad end has ended.
 */
import type { WorldSpec } from '../spec/world-spec';
import { badEnd, eventsOf, terminalEvents, type ObservedOrchestration } from './observations';

/** What an orchestration waits for; undefined at rest. `isDecided`: an operator has decided about the task. */
export function missingOf(
  orchestration: ObservedOrchestration,
  { services }: WorldSpec,
  isDecided: (name: string) => boolean,
): string | undefined {
  const { order } = orchestration;
  if (terminalEvents(orchestration).length === 0) return `the end of ${order.name}`;
  for (const { id, service } of order.tasks) {
    if (services.find(({ name }) => name === service)?.revertible !== true) continue;
    if (!isReverted(orchestration, id, isDecided(`${order.name}/${id}`))) return `a revert of ${order.name}/${id}`;
  }
  return undefined;
}

function isReverted(orchestration: ObservedOrchestration, taskId: string, isDecided: boolean): boolean {
  const { events } = orchestration;
  const end = badEnd(orchestration);
  const started = new Map<string, number>();
  const finished: { readonly at: number; readonly startedAt: number }[] = [];
  /** Positions from which on an end is due. */
  const due: number[] = [];
  for (const [at, { event }] of events.entries()) {
    if (!('taskId' in event) || event.taskId !== taskId) continue;
    const { revertId = taskId } = event as { readonly revertId?: string };
    if (event.type === 'compensation_added' || event.type === 'compensation_retried') due.push(at);
    if (event.type === 'compensation_started') started.set(revertId, at);
    if (event.type !== 'compensation_finished') continue;
    // One that was given up without an attempt counts from its end.
    const isGivenUp = event.status === 'expired' || event.status === 'failed';
    finished.push({ at, startedAt: isGivenUp ? at : (started.get(revertId) ?? at) });
  }
  if (!due.every((from) => finished.some(({ at }) => at > from))) return false;
  const [completed] = eventsOf(orchestration, 'task_completed', taskId);
  if (!end || !completed || isDecided) return true;
  // Its output is reverted by an attempt that began afterwards: an earlier one had no output.
  const from = Math.max(events.indexOf(completed), events.indexOf(end));
  return finished.some(({ startedAt }) => startedAt > from);
}
