/**
 * Looking at something until it is over. Events say when there is something new, where the engine has them; looks at growing
 * intervals do it everywhere else, and besides.
 */
import { type Clock, type Duration, OrraError, durationMs, sleep } from '@orra-ts/common';
import type { EngineEvent, OrraClient } from '@orra-ts/client';
import { type OrchestrationInspection, isTerminalStatus } from '@orra-ts/protocol';
import { CliError, EXIT } from './errors';

/** From quick enough for short tasks to what a person does not notice. */
const SHORTEST_MS = 100;
const LONGEST_MS = 1_000;
/** Where events come, looks are only for what they might miss. */
const BESIDE_EVENTS_MS = 5_000;
/** An engine that restarts is back sooner. */
const PATIENCE_MS = 60_000;

export interface WatchContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Every change of an orchestration, the present state first, until it has ended and nothing of it is being compensated. */
export async function* watchOrchestration(
  orra: OrraClient,
  id: string,
  context: WatchContext,
): AsyncGenerator<OrchestrationInspection, void, undefined> {
  const looks = watch(() => orra.orchestrations.inspect(id, { signal: context.signal }), {
    ...context,
    events: (signal) => orra.orchestrations.events(id, { signal }),
    // The age changes with every look.
    fingerprint: ({ duration: _, ...rest }) => rest,
  });
  for await (const inspection of looks) {
    yield inspection;
    if (isOver(inspection)) return;
  }
}

const isOver = ({ status, tasks }: OrchestrationInspection): boolean =>
  isTerminalStatus(status) &&
  !(tasks ?? []).some(
    ({ compensation }) => compensation?.status === 'pending' || compensation?.status === 'processing',
  );

interface WatchOptions<T> extends WatchContext {
  readonly events: (signal: AbortSignal) => AsyncIterable<EngineEvent>;
  /** What is compared to tell whether anything has changed. */
  readonly fingerprint: (value: T) => unknown;
}

/** Every change, the present state first. It ends when its reader leaves or the signal is aborted, which throws. */
export async function* watch<T>(
  look: () => Promise<T>,
  { clock, signal, events, fingerprint }: WatchOptions<T>,
): AsyncGenerator<T, void, undefined> {
  const ending = new AbortController();
  const news = new News(events(AbortSignal.any([signal, ending.signal])));
  let seen: string | undefined;
  let waitMs = SHORTEST_MS;
  let lastAnswerMs = clock.now();
  try {
    for (;;) {
      signal.throwIfAborted();
      let value: T | undefined;
      try {
        value = await look();
        lastAnswerMs = clock.now();
      } catch (error) {
        const isPassing = error instanceof OrraError && error.retryable && !signal.aborted;
        const isAway = seen === undefined && isRefused(error);
        if (!isPassing || isAway || clock.now() - lastAnswerMs >= PATIENCE_MS) throw error;
      }
      const print = value === undefined ? seen : JSON.stringify(fingerprint(value));
      if (value !== undefined && print !== seen) {
        seen = print;
        waitMs = SHORTEST_MS;
        yield value;
      } else {
        waitMs = Math.min(waitMs * 2, LONGEST_MS);
      }
      await news.wait(clock, waitMs, signal);
    }
  } finally {
    ending.abort();
  }
}

/** Nothing listens there: said at once when it is so from the start. The Go engine drops connections while it plans. */
const isRefused = (error: unknown): boolean =>
  error instanceof OrraError && error.code === 'ORRA_UNREACHABLE' && error.details['reason'] !== 'ECONNRESET';

/** Whether events have come since it was asked last. Without events there is never any news. */
class News {
  private isFlowing = false;
  private hasCome = false;
  private wake: (() => void) | undefined;

  constructor(events: AsyncIterable<EngineEvent>) {
    void this.read(events);
  }

  /** Until there is news, or the time is over. Bursts of events are one piece of news. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    if (!this.hasCome) {
      const woken = new AbortController();
      this.wake = () => woken.abort();
      const either = AbortSignal.any([signal, woken.signal]);
      await sleep(clock, this.isFlowing ? BESIDE_EVENTS_MS : ms, either).catch(() => signal.throwIfAborted());
    }
    this.hasCome = false;
    this.wake = undefined;
  }

  private async read(events: AsyncIterable<EngineEvent>): Promise<void> {
    try {
      // What has happened is looked up: events only say that something has.
      const reader = events[Symbol.asyncIterator]();
      while (!(await reader.next()).done) {
        this.isFlowing = true;
        this.hasCome = true;
        this.wake?.();
      }
    } catch {
      // No events on this engine, or no more: looks go on without them.
    }
    this.isFlowing = false;
    this.wake?.();
  }
}

/** @throws CliError `ORRA_RESULT_TIMEOUT`, exit code 4, from whatever is waited for with the signal */
export async function within<T>(
  { clock, signal }: WatchContext,
  limit: Duration | undefined,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (limit === undefined) return wait(signal);
  const ms = durationMs(limit);
  const deadline = new AbortController();
  const timer = clock.setTimer(ms, () => {
    deadline.abort(
      new CliError('ORRA_RESULT_TIMEOUT', `it did not end within ${ms / 1000} s`, {
        next: 'it continues to run: watch it with `orra inspect <id> --watch`, or wait longer (--max-wait)',
        exitCode: EXIT.timeout,
      }),
    );
  });
  try {
    return await wait(AbortSignal.any([signal, deadline.signal]));
  } finally {
    timer.clear();
  }
}
