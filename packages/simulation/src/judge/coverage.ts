/** Which rows of the table of outcomes (docs/outcomes.md) occurred in a world, by what was committed, sent and charged. */
import type { WorldSpec } from '../spec/world-spec';
import { openDeliveries } from './deliveries';
import { badEnd, eventsOf, terminalEvents, type Observations, type ObservedOrchestration } from './observations';

/** Rows of the parts `end` (state of a task at a bad end), `run` (before that) and `revert`. */
export const ROWS = {
  'end 1': 'never handed to a connection',
  'end 2': "in the service's queue, dropped: not_started",
  'end 3': 'runs within its limit',
  'end 4': 'runs past its limit',
  'end 5': 'its holder is disconnected',
  'end 6': 'interrupted by a crash',
  'end 7': 'failed without an effect',
  'end 7 also': '… and reverted without an output',
  'end 8': 'failed with an unknown effect',
  'end 9': 'aborted',
  'end 10': 'completed before',
  'end 11': 'completed, another delivery still open',
  'end 13': 'not revertible, open',
  'end, late success': 'completed after the end',
  'end, late failure': 'settled after the end',
  'end, in doubt': 'undecided until a record in doubt',
  'end, unknown revert': 'undecided until a revert without an output',
  'run joined': 'timed out, the next attempt goes to the same connection',
  'run in doubt': 'the next request is in doubt',
  'run elsewhere': 'after a failure, the next attempt goes to another replica',
  'run late success': 'a success of an earlier attempt or during the back-off',
  'run restart': 'the engine restarts while a task runs',
  'run duplicate': 'a second success with another output',
  'run cancelled holder': 'completed, and other holders are asked to stop',
  'revert late': 'given up, then a late success',
  'revert late partial': 'given up, then a late partial result',
  'revert twice': 'a revert without an output, then a late success of the task',
  'revert in doubt late': 'a pending record in doubt, then a late success',
  'revert decided late': 'a record that an operator decided, then a late success',
  'retry failed': 'an operator retries a failed revert',
  'retry expired': 'an operator retries an expired revert',
  'retry partial': 'an operator retries a partial revert',
  'retry in_doubt': 'an operator retries a record in doubt, which is refused',
  'retry duplicate': 'an operator retries a duplicate',
  'expired, never asked': 'the service was away until the TTL',
  'expired, TTL over': 'the TTL was over before the end',
} as const;

export type Row = keyof typeof ROWS;

export interface Witness {
  readonly spec: WorldSpec;
  readonly observations: Observations;
  /** Requests in the order sent. */
  readonly requests: readonly SentRequest[];
  readonly refusedRetries: readonly { readonly status: string }[];
  /** When the engine started again. */
  readonly restartsMs: readonly number[];
}

export interface SentRequest {
  readonly replica: string;
  readonly executionId: string;
  readonly inDoubt: boolean;
}

export function coverageOf(witness: Witness): ReadonlySet<Row> {
  const rows = new Set<Row>();
  const add = (row: Row, occurred: boolean): void => {
    if (occurred) rows.add(row);
  };
  for (const { inDoubt } of witness.requests) add('run in doubt', inDoubt);
  for (const { status } of witness.refusedRetries) add('retry in_doubt', status === 'in_doubt');
  for (const orchestration of witness.observations.orchestrations.values()) {
    for (const { id, service } of orchestration.order.tasks) {
      const isRevertible = witness.spec.services.find(({ name }) => name === service)?.revertible === true;
      if (badEnd(orchestration)) atEnd(orchestration, id, isRevertible, add);
      whileRunning(orchestration, id, witness, add);
      reverts(orchestration, id, add);
    }
  }
  return rows;
}

type Add = (row: Row, occurred: boolean) => void;

function split(orchestration: ObservedOrchestration): [before: ObservedOrchestration, after: ObservedOrchestration] {
  const { events } = orchestration;
  const [end] = terminalEvents(orchestration);
  const at = end ? events.indexOf(end) + 1 : events.length;
  return [
    { ...orchestration, events: events.slice(0, at) },
    { ...orchestration, events: events.slice(at) },
  ];
}

function atEnd(orchestration: ObservedOrchestration, id: string, isRevertible: boolean, add: Add): void {
  const [before, after] = split(orchestration);
  const end = badEnd(orchestration);
  const has = (part: ObservedOrchestration, type: Parameters<typeof eventsOf>[1]): boolean =>
    eventsOf(part, type, id).length > 0;
  const open = openDeliveries(before, id);
  const failures = eventsOf(before, 'task_attempt_failed', id);
  const settledAs = new Set(eventsOf(after, 'task_settled', id).map(({ event }) => event.reason));
  const isCompleted = has(before, 'task_completed');
  add(
    'end 1',
    !has(before, 'task_started') || eventsOf(before, 'task_paused', id).some(({ event }) => event.sent === false),
  );
  add('end 2', settledAs.has('not_started'));
  const newest = eventsOf(before, 'task_started', id).at(-1);
  const isWithin = newest !== undefined && end !== undefined && end.decidedMs[0] - newest.decidedMs[1] < 30_000;
  const last = before.events.findLast(
    ({ event }) => 'taskId' in event && event.taskId === id && event.type.startsWith('task_'),
  )?.event.type;
  add('end 3', isRevertible && open.length > 0 && !isCompleted && isWithin && last !== 'task_paused');
  add(
    'end 4',
    isRevertible && open.length > 0 && !isCompleted && failures.some(({ event }) => /timed out/.test(event.error)),
  );
  add('end 5', isRevertible && open.length > 0 && !isCompleted && last === 'task_paused');
  add('end 6', settledAs.has('interrupted'));
  const failed = failures.at(-1)?.event;
  add('end 7', failed !== undefined && failed.effect === undefined && open.length === 0 && !isCompleted);
  add(
    'end 7 also',
    eventsOf(after, 'compensation_added', id).some(({ event }) => event.outcome === 'failed'),
  );
  add('end 8', failed?.effect === 'unknown');
  add('end 9', has(before, 'task_aborted'));
  add('end 10', isCompleted);
  add('end 11', isCompleted && open.length > 0);
  add('end 13', !isRevertible && open.length > 0);
  add('end, late success', has(after, 'task_completed'));
  add('end, late failure', settledAs.has('failed') || has(after, 'task_attempt_failed'));
  add('end, in doubt', has(after, 'in_doubt_recorded'));
  add(
    'end, unknown revert',
    eventsOf(after, 'compensation_added', id).some(({ event }) => event.outcome === 'unknown'),
  );
}

function whileRunning(
  orchestration: ObservedOrchestration,
  id: string,
  { requests, restartsMs }: Witness,
  add: Add,
): void {
  const replicaOf = (executionId: string): string | undefined =>
    requests.find((request) => request.executionId === executionId)?.replica;
  const starts = eventsOf(orchestration, 'task_started', id);
  const failures = eventsOf(orchestration, 'task_attempt_failed', id);
  for (const [index, failure] of failures.entries()) {
    const next = starts.find(({ atMs, event }) => atMs > failure.atMs && event.attempt > index + 1)?.event;
    const previous = starts.findLast(({ atMs }) => atMs <= failure.atMs)?.event;
    if (!next || !previous) continue;
    const isSame = replicaOf(next.executionId) === replicaOf(previous.executionId);
    const isTimeout = /timed out/.test(failure.event.error);
    add('run joined', isTimeout && isSame);
    add('run elsewhere', !isTimeout && !isSame && replicaOf(next.executionId) !== undefined);
  }
  const [completed] = eventsOf(orchestration, 'task_completed', id);
  const [end] = terminalEvents(orchestration);
  const isBeforeEnd = completed !== undefined && (!end || completed.atMs <= end.atMs);
  const lastFailure = failures.findLast(({ atMs }) => completed !== undefined && atMs <= completed.atMs);
  add(
    'run late success',
    isBeforeEnd &&
      lastFailure !== undefined &&
      !starts.some(({ atMs }) => atMs > lastFailure.atMs && atMs <= completed.atMs),
  );
  add(
    'run restart',
    starts.some(({ atMs }) =>
      restartsMs.some((restart) => restart > atMs && restart < (completed?.atMs ?? end?.atMs ?? 0)),
    ),
  );
  add('run duplicate', eventsOf(orchestration, 'duplicate_recorded', id).length > 0);
  add('run cancelled holder', completed?.event.open !== undefined);
}

function reverts(orchestration: ObservedOrchestration, id: string, add: Add): void {
  let last: string | undefined;
  let isRetried = false;
  let decided = false;
  let withoutOutput = false;
  for (const { event } of orchestration.events) {
    if (!('taskId' in event) || event.taskId !== id) continue;
    if (event.type === 'compensation_added') withoutOutput = true;
    if (event.type === 'in_doubt_recorded') last = 'in_doubt';
    if (event.type === 'duplicate_recorded') last = 'duplicate';
    if (event.type === 'compensation_failure_resolved') decided ||= event.late !== true;
    if (event.type === 'compensation_retried') {
      add(`retry ${last ?? 'failed'}` as Row, last !== undefined && last !== 'completed');
      isRetried = true;
    }
    if (event.type === 'task_completed') {
      add('revert twice', withoutOutput);
      add('revert in doubt late', last === 'in_doubt' && !decided);
      add('revert decided late', decided);
    }
    if (event.type === 'compensation_finished') {
      const isGivenUp = last === 'failed' || last === 'expired';
      add('revert late', event.status === 'completed' && isGivenUp && !isRetried);
      add('revert late partial', event.status === 'partial' && isGivenUp && !isRetried);
      add('expired, never asked', event.error?.includes('never asked') === true);
      add('expired, TTL over', event.status === 'expired' && event.error?.includes('never asked') === false);
      last = event.status;
      isRetried = false;
    }
  }
}
