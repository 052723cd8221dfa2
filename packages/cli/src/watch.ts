/**
 * Polls an orchestration until it is settled, or a list until the command ends. Where the engine supports events, they
 * trigger the next request. Otherwise requests follow at growing intervals.
 */
import { type Clock, type Duration, OrraError, callWithTimeout, durationMs, sleep } from '@orra-ts/common';
import { type EngineEvent, type OrraClient, isSettled } from '@orra-ts/client';
import type { OrchestrationInspection } from '@orra-ts/protocol';
import { CliError, EXIT } from './errors';

/** Interval between requests: from short enough for short tasks to a delay that users do not notice. */
const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 1_000;
/** Interval while events arrive; these requests only find what events might miss. */
const INTERVAL_WITH_EVENTS_MS = 5_000;
/** How long an engine may be unavailable. A restart takes less time. */
const MAX_OUTAGE_MS = 60_000;

export interface WatchContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Yields the current state and every change of an orchestration, until it is settled. */
export async function* watchOrchestration(
  orra: OrraClient,
  id: string,
  context: WatchContext,
): AsyncGenerator<OrchestrationInspection, void, undefined> {
  const inspections = watch(() => orra.orchestrations.inspect(id, { signal: context.signal }), {
    ...context,
    events: (signal) => orra.orchestrations.events(id, { signal }),
    // The age changes with every request.
    fingerprint: ({ duration: _, ...rest }) => rest,
  });
  for await (const inspection of inspections) {
    yield inspection;
    if (isSettled(inspection)) return;
  }
}

interface WatchOptions<T> extends WatchContext {
  readonly events: (signal: AbortSignal) => AsyncIterable<EngineEvent>;
  /** Returns the part of the value that is compared to detect a change. */
  readonly fingerprint: (value: T) => unknown;
}

/** Yields the current value and every change. Ends when the reader stops, and throws when the signal is aborted. */
export async function* watch<T>(
  read: () => Promise<T>,
  { clock, signal, events, fingerprint }: WatchOptions<T>,
): AsyncGenerator<T, void, undefined> {
  const ending = new AbortController();
  const changes = new ChangeSignal(events(AbortSignal.any([signal, ending.signal])));
  let lastPrint: string | undefined;
  let waitMs = MIN_INTERVAL_MS;
  let lastResponseMs = clock.now();
  try {
    for (;;) {
      signal.throwIfAborted();
      let value: T | undefined;
      try {
        value = await read();
        lastResponseMs = clock.now();
      } catch (error) {
        const isTransient = error instanceof OrraError && error.retryable && !signal.aborted;
        const isUnreachable = lastPrint === undefined && isConnectionRefused(error);
        if (!isTransient || isUnreachable || clock.now() - lastResponseMs >= MAX_OUTAGE_MS) throw error;
      }
      const print = value === undefined ? lastPrint : JSON.stringify(fingerprint(value));
      if (value !== undefined && print !== lastPrint) {
        lastPrint = print;
        waitMs = MIN_INTERVAL_MS;
        yield value;
      } else {
        waitMs = Math.min(waitMs * 2, MAX_INTERVAL_MS);
      }
      await changes.wait(clock, waitMs, signal);
    }
  } finally {
    ending.abort();
  }
}

/**
 * Whether nothing listens at the URL. At the first request this is an immediate error. The Go engine closes connections
 * while it plans, so ECONNRESET does not count.
 */
const isConnectionRefused = (error: unknown): boolean =>
  error instanceof OrraError && error.code === 'ORRA_UNREACHABLE' && error.details['reason'] !== 'ECONNRESET';

/** Reports whether events have arrived since the last wait. Without events it never does. */
class ChangeSignal {
  private isStreaming = false;
  private hasChanged = false;
  private wake: (() => void) | undefined;

  constructor(events: AsyncIterable<EngineEvent>) {
    void this.read(events);
  }

  /** Resolves after the next event, or after `ms`. A burst of events counts once. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    if (!this.hasChanged) {
      const woken = new AbortController();
      this.wake = () => woken.abort();
      const either = AbortSignal.any([signal, woken.signal]);
      await sleep(clock, this.isStreaming ? INTERVAL_WITH_EVENTS_MS : ms, either).catch(() => signal.throwIfAborted());
    }
    this.hasChanged = false;
    this.wake = undefined;
  }

  private async read(events: AsyncIterable<EngineEvent>): Promise<void> {
    try {
      // Events only signal a change. The state is requested from the engine.
      const reader = events[Symbol.asyncIterator]();
      while (!(await reader.next()).done) {
        this.isStreaming = true;
        this.hasChanged = true;
        this.wake?.();
      }
    } catch {
      // The engine does not support events, or the stream ended: polling continues without them.
    }
    this.isStreaming = false;
    this.wake?.();
  }
}

/** Calls `wait` with a signal that aborts after `limit`. @throws CliError `ORRA_RESULT_TIMEOUT` with exit code 4 */
export async function withMaxWait<T>(
  { clock, signal }: WatchContext,
  limit: Duration | undefined,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (limit === undefined) return wait(signal);
  const ms = durationMs(limit);
  const timeoutError = (): Error =>
    new CliError('ORRA_RESULT_TIMEOUT', `it did not end within ${ms / 1000} s`, {
      next: 'it continues to run: watch it with `orra inspect <id> --watch`, or wait longer (--max-wait)',
      exitCode: EXIT.timeout,
    });
  return callWithTimeout({ clock, ms, signal, timeoutError }, wait);
}
