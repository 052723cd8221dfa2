/**
 * Waits for the end of an orchestration and for the updates of its tasks. Where the engine supports events, they signal
 * changes. After them, and on other engines, the orchestration is polled.
 *
 * Polling starts with short intervals, grows to one second, and starts again after a change. Polling continues while an
 * engine cannot show the orchestration: the Go engine just after submission, and any engine during a restart.
 */
import {
  type Clock,
  type Duration,
  type Logger,
  OrraError,
  type RandomNumber,
  callWithTimeout,
  durationMs,
  jitteredMs,
  signalOfCall,
  sleep,
} from '@orra-ts/common';
import { type OrchestrationInspection, RETRY_JITTER } from '@orra-ts/protocol';
import { OrraResultTimeoutError } from './errors';
import { type EventStreams, endsOrchestration } from './event-stream';
import { MAX_OUTAGE_MS } from './options';
import { type OrchestrationResult, isSettled, readResult } from './result';

/** Interval between inspections: from the duration of a short task to a delay that users do not notice. */
const POLL = { baseMs: 20, capMs: 1_000 };

export interface WatchOptions {
  /** Stops waiting. The orchestration continues. The call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ResultOptions extends WatchOptions {
  /** Maximum time to wait. @default no limit */
  readonly timeout?: Duration;
}

/** One progress update of one task. */
export interface OrchestrationUpdate {
  readonly taskId: string;
  /** Name of the service of the task. */
  readonly service: string;
  /** RFC 3339. */
  readonly timestamp: string;
  /** Argument of `task.pushUpdate`. */
  readonly data: unknown;
}

export interface Watcher {
  readonly inspect: (id: string, signal?: AbortSignal) => Promise<OrchestrationInspection>;
  readonly streams: EventStreams;
  readonly clock: Clock;
  readonly random: RandomNumber;
  readonly logger: Logger;
}

/** @throws OrraResultTimeoutError when `timeout` passes first; the orchestration continues */
export function awaitResult<O>(watcher: Watcher, id: string, options: ResultOptions): Promise<OrchestrationResult<O>> {
  return withResultTimeout(watcher, id, options, async (signal) => {
    for await (const { event } of watcher.streams.ifSupported(id, signal)) if (endsOrchestration(event)) break;
    return pollUntil(watcher, id, readResult<O>, signal);
  });
}

/** @throws OrraResultTimeoutError when `timeout` passes first; the orchestration continues */
export function awaitSettled(watcher: Watcher, id: string, options: ResultOptions): Promise<OrchestrationInspection> {
  const whenSettled = (inspection: OrchestrationInspection): OrchestrationInspection | undefined =>
    isSettled(inspection) ? inspection : undefined;
  return withResultTimeout(watcher, id, options, async (signal) => {
    const events = watcher.streams.ifSupported(id, signal);
    while (!(await events.next()).done);
    return pollUntil(watcher, id, whenSettled, signal);
  });
}

async function withResultTimeout<T>(
  { clock }: Watcher,
  id: string,
  { timeout, signal: given = new AbortController().signal }: ResultOptions,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = signalOfCall(given);
  if (timeout === undefined) return wait(signal);
  const ms = durationMs(timeout, 'timeout');
  const timeoutError = (): Error =>
    new OrraResultTimeoutError(
      `orchestration ${id} did not end within ${ms} ms and continues to run: wait again, or with a longer timeout (option \`timeout\`)`,
      { details: { orchestrationId: id, timeoutMs: ms } },
    );
  return callWithTimeout({ clock, ms, signal, timeoutError }, wait);
}

/** Polls until `read` returns a value, and resolves with that value. */
async function pollUntil<T>(
  watcher: Watcher,
  id: string,
  read: (inspection: OrchestrationInspection) => T | undefined,
  signal: AbortSignal | undefined,
): Promise<T> {
  for await (const inspection of inspections(watcher, id, () => false, signal)) {
    const result = read(inspection);
    if (result !== undefined) return result;
  }
  throw new Error('polling ended without a result');
}

/** Yields every update once: in order within a task, by timestamp across tasks. Ends with the orchestration. */
export async function* readUpdates(
  watcher: Watcher,
  id: string,
  { signal: given }: WatchOptions,
): AsyncGenerator<OrchestrationUpdate, void, undefined> {
  const signal = signalOfCall(given);
  // Events and inspections use different ids for updates, but the same order within a task.
  const counts = new Map<string, number>();
  for await (const { event } of watcher.streams.ifSupported(id, signal)) {
    if (endsOrchestration(event)) break;
    if (event.type !== 'task.update') continue;
    const { taskId, serviceName, timestamp, data } = event;
    counts.set(taskId, (counts.get(taskId) ?? 0) + 1);
    yield { taskId, service: serviceName, timestamp, data };
  }
  let added: OrchestrationUpdate[] = [];
  for await (const inspection of inspections(watcher, id, () => added.length > 0, signal)) {
    added = newUpdates(inspection, counts);
    yield* added;
    if (readResult(inspection)) return;
  }
}

function newUpdates({ tasks }: OrchestrationInspection, counts: Map<string, number>): OrchestrationUpdate[] {
  const added: OrchestrationUpdate[] = [];
  for (const { id: taskId, serviceName: service, interimResults = [] } of tasks ?? []) {
    const count = counts.get(taskId) ?? 0;
    for (const { timestamp, data } of interimResults.slice(count)) added.push({ taskId, service, timestamp, data });
    counts.set(taskId, Math.max(count, interimResults.length));
  }
  // The sort is stable, so updates of one task within one millisecond keep their order.
  return added.sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
}

/** Polls the orchestration without an end. A change (`hasChanged`) resets the interval. */
async function* inspections(
  { inspect, clock, random, logger }: Watcher,
  id: string,
  hasChanged: () => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<OrchestrationInspection, never, undefined> {
  let lastResponseMs = clock.monotonicMs();
  for (let waits = 0; ; waits++) {
    signal?.throwIfAborted();
    let inspection: OrchestrationInspection | undefined;
    try {
      inspection = await inspect(id, signal);
      lastResponseMs = clock.monotonicMs();
    } catch (error) {
      const isTransient = error instanceof OrraError && error.retryable && !signal?.aborted;
      if (!isTransient || clock.monotonicMs() - lastResponseMs >= MAX_OUTAGE_MS) throw error;
      logger.debug('inspection failed, retrying', { orchestrationId: id, code: error.code });
    }
    if (inspection) {
      yield inspection;
      if (hasChanged()) waits = 0;
    }
    await sleep(clock, jitteredMs(POLL, waits, RETRY_JITTER, random), signal);
  }
}
