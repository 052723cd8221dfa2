/**
 * Waiting for an orchestration: for its end, and for the updates of its tasks. Events say when there is something to see,
 * where the engine has them; then, and everywhere else, it is looked at again and again until it is seen.
 *
 * Looks come quickly at first and at most a second apart later, and quickly again whenever something was new. An engine
 * that cannot show the orchestration for a moment (the public one just after the submission; any one while it restarts)
 * is given time.
 */
import {
  type Clock,
  type Duration,
  type Logger,
  OrraError,
  type RandomNumber,
  durationMs,
  jitteredMs,
  sleep,
} from '@orra-ts/common';
import { type OrchestrationInspection, RETRY_JITTER } from '@orra-ts/protocol';
import { OrraResultTimeoutError } from './errors';
import { type EventStreams, endsOrchestration } from './event-stream';
import { PATIENCE_MS } from './options';
import { type OrchestrationResult, isSettled, readResult } from './result';

/** From about a task's own time to what a person notices. */
const POLL = { baseMs: 20, capMs: 1_000 };

export interface WatchOptions {
  /** Ends the waiting, not the orchestration; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ResultOptions extends WatchOptions {
  /** @default no limit */
  readonly timeout?: Duration;
}

/** One progress update of one task. */
export interface OrchestrationUpdate {
  readonly taskId: string;
  /** Name of the task's service. */
  readonly service: string;
  /** RFC 3339. */
  readonly timestamp: string;
  /** What the handler gave to `task.pushUpdate`. */
  readonly data: unknown;
}

export interface Watcher {
  readonly inspect: (id: string, signal?: AbortSignal) => Promise<OrchestrationInspection>;
  readonly streams: EventStreams;
  readonly clock: Clock;
  readonly random: RandomNumber;
  readonly logger: Logger;
}

/** @throws OrraResultTimeoutError when `timeout` is over first; the orchestration runs on */
export function awaitResult<O>(watcher: Watcher, id: string, options: ResultOptions): Promise<OrchestrationResult<O>> {
  return within(watcher, id, options, async (signal) => {
    for await (const { event } of watcher.streams.asFarAsPossible(id, signal)) if (endsOrchestration(event)) break;
    return firstLook(watcher, id, readResult<O>, signal);
  });
}

/** @throws OrraResultTimeoutError when `timeout` is over first; the orchestration runs on */
export function awaitSettled(watcher: Watcher, id: string, options: ResultOptions): Promise<OrchestrationInspection> {
  const whenSettled = (inspection: OrchestrationInspection): OrchestrationInspection | undefined =>
    isSettled(inspection) ? inspection : undefined;
  return within(watcher, id, options, async (signal) => {
    const events = watcher.streams.asFarAsPossible(id, signal);
    while (!(await events.next()).done);
    return firstLook(watcher, id, whenSettled, signal);
  });
}

async function within<T>(
  { clock }: Watcher,
  id: string,
  { timeout, signal }: ResultOptions,
  wait: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (timeout === undefined) return wait(signal);
  const timeoutMs = durationMs(timeout, 'timeout');
  const deadline = new AbortController();
  const timer = clock.setTimer(timeoutMs, () => {
    const message = `orchestration ${id} did not end within ${timeoutMs} ms and continues to run: wait again, or with a longer timeout (option \`timeout\`)`;
    deadline.abort(new OrraResultTimeoutError(message, { details: { orchestrationId: id, timeoutMs } }));
  });
  try {
    return await wait(signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal);
  } finally {
    timer.clear();
  }
}

/** What `read` makes of the first look of which it makes anything. */
async function firstLook<T>(
  watcher: Watcher,
  id: string,
  read: (inspection: OrchestrationInspection) => T | undefined,
  signal: AbortSignal | undefined,
): Promise<T> {
  for await (const inspection of looks(watcher, id, () => false, signal)) {
    const result = read(inspection);
    if (result !== undefined) return result;
  }
  throw new Error('looks end with a result');
}

/** Every update once: those of one task in their order, those of different tasks by their times. Ends with the orchestration. */
export async function* readUpdates(
  watcher: Watcher,
  id: string,
  { signal }: WatchOptions,
): AsyncGenerator<OrchestrationUpdate, void, undefined> {
  // Events and inspections name updates differently, but have those of one task in the same order.
  const counts = new Map<string, number>();
  for await (const { event } of watcher.streams.asFarAsPossible(id, signal)) {
    if (endsOrchestration(event)) break;
    if (event.type !== 'task.update') continue;
    const { taskId, serviceName, timestamp, data } = event;
    counts.set(taskId, (counts.get(taskId) ?? 0) + 1);
    yield { taskId, service: serviceName, timestamp, data };
  }
  let fresh: OrchestrationUpdate[] = [];
  for await (const inspection of looks(watcher, id, () => fresh.length > 0, signal)) {
    fresh = freshUpdates(inspection, counts);
    yield* fresh;
    if (readResult(inspection)) return;
  }
}

function freshUpdates({ tasks }: OrchestrationInspection, counts: Map<string, number>): OrchestrationUpdate[] {
  const fresh: OrchestrationUpdate[] = [];
  for (const { id: taskId, serviceName: service, interimResults = [] } of tasks ?? []) {
    const count = counts.get(taskId) ?? 0;
    for (const { timestamp, data } of interimResults.slice(count)) fresh.push({ taskId, service, timestamp, data });
    counts.set(taskId, Math.max(count, interimResults.length));
  }
  // Stable, so updates of one task within one millisecond keep the engine's order.
  return fresh.sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
}

/** One inspection after another, without an end. */
async function* looks(
  { inspect, clock, random, logger }: Watcher,
  id: string,
  wasNews: () => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<OrchestrationInspection, never, undefined> {
  let lastAnswerMs = clock.now();
  for (let waits = 0; ; waits++) {
    signal?.throwIfAborted();
    let inspection: OrchestrationInspection | undefined;
    try {
      inspection = await inspect(id, signal);
      lastAnswerMs = clock.now();
    } catch (error) {
      const isPassing = error instanceof OrraError && error.retryable && !signal?.aborted;
      if (!isPassing || clock.now() - lastAnswerMs >= PATIENCE_MS) throw error;
      logger.debug('inspection failed, looking again', { orchestrationId: id, code: error.code });
    }
    if (inspection) {
      yield inspection;
      if (wasNews()) waits = 0;
    }
    await sleep(clock, jitteredMs(POLL, waits, RETRY_JITTER, random), signal);
  }
}
