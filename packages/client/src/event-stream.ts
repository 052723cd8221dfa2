/**
 * Event streams across reconnects. After a lost connection the stream reconnects after the last event (full jitter) and
 * omits duplicates.
 *
 * The end of a connection is ambiguous: an engine closes it when the orchestration is settled, and also when the engine
 * stops. So the stream of an orchestration ends when the orchestration has completed, because nothing can follow, or
 * when a connection after its last event ends without another event.
 */
import {
  type Clock,
  type Logger,
  OrraError,
  type RandomNumber,
  fullJitterMs,
  signalOfCall,
  sleep,
} from '@orra-ts/common';
import {
  type OrchestrationInspection,
  type OrchestrationStatus,
  type StreamEvent,
  isTerminalStatus,
} from '@orra-ts/protocol';
import { type EngineHttp, type EngineStream, expectMembers, pathSegment } from './engine-http';
import { OrraEngineError, OrraNotSupportedError } from './errors';
import { readEvents, readStreamEvent } from './event-connection';
import { EventCursor } from './event-cursor';
import { MAX_OUTAGE_MS, type ResolvedOrraClientOptions } from './options';
import { isSettled } from './result';

export interface EventsOptions {
  /**
   * Starts after the event with this `id`. @default the first event of an orchestration; the next event of a project
   */
  readonly lastEventId?: string;
  /** Ends the stream. A pending read rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface EngineEvent {
  /** Position of the event. Pass it as `lastEventId` to continue after it. */
  readonly id: string;
  readonly event: StreamEvent;
}

const RECONNECT = { baseMs: 250, capMs: 10_000 };

type EventReader = AsyncGenerator<EngineEvent, void, undefined>;

interface StreamTarget {
  readonly path: string;
  /** Id of the orchestration; undefined for a project, whose stream does not end. */
  readonly orchestrationId?: string;
  /** Whether to retry after a retryable error response of the engine. */
  readonly retriesErrorResponses: boolean;
}

export class EventStreams {
  private readonly clock: Clock;
  private readonly random: RandomNumber;
  private readonly logger: Logger;
  /** Whether the engine supports events; undefined before the first request. */
  private isSupported: boolean | undefined;

  constructor(
    private readonly http: EngineHttp,
    { clock, random, logger }: ResolvedOrraClientOptions,
  ) {
    this.clock = clock;
    this.random = random;
    this.logger = logger;
  }

  forProject(options: EventsOptions): EventReader {
    return this.follow({ path: '/events', retriesErrorResponses: true }, options);
  }

  forOrchestration(id: string, options: EventsOptions): EventReader {
    return this.follow(this.orchestrationTarget(id, true), options);
  }

  /**
   * Yields the events of an orchestration if the engine supports events. Ends early, perhaps at once, where callers
   * must poll.
   */
  async *ifSupported(id: string, signal: AbortSignal | undefined): EventReader {
    if (this.isSupported === false) return;
    try {
      yield* this.follow(this.orchestrationTarget(id, false), { signal });
    } catch (error) {
      // A retryable error response, for example because there are too many streams: polling costs the engine less.
      const isErrorResponse = error instanceof OrraEngineError && error.retryable;
      if (!(error instanceof OrraNotSupportedError) && !isErrorResponse) throw error;
      this.logger.debug('events are unavailable, polling instead', { orchestrationId: id, code: error.code });
    }
  }

  private orchestrationTarget(id: string, retriesErrorResponses: boolean): StreamTarget {
    const path = `/orchestrations/${pathSegment(id, 'id of the orchestration')}/events`;
    return { path, orchestrationId: id, retriesErrorResponses };
  }

  private async *follow(target: StreamTarget, { lastEventId, signal: given }: EventsOptions): EventReader {
    const signal = signalOfCall(given);
    const cursor = new EventCursor(lastEventId);
    let lastResponseMs = this.clock.monotonicMs();
    for (let attempts = 0; ; attempts++) {
      signal?.throwIfAborted();
      const countBefore = cursor.count;
      try {
        const stream = await this.open(target.path, cursor, signal);
        lastResponseMs = this.clock.monotonicMs();
        for await (const received of readEvents(stream, this.clock)) {
          attempts = 0;
          const event = received && cursor.accept(received) ? readStreamEvent(received, stream.request) : undefined;
          if (received && event) {
            if (endsOrchestration(event)) cursor.hasEnded = true;
            yield { id: received.id, event };
            if (target.orchestrationId !== undefined && isLast(event)) return;
          }
          lastResponseMs = this.clock.monotonicMs();
        }
        if (target.orchestrationId !== undefined) {
          const hadNews = cursor.count > countBefore;
          if (!hadNews && (cursor.hasEnded || (await this.isSettled(target.orchestrationId, signal)))) return;
          if (hadNews && cursor.hasEnded) continue;
        }
      } catch (error) {
        if (signal?.aborted || !(error instanceof OrraError) || !error.retryable) throw error;
        if (error instanceof OrraEngineError && !target.retriesErrorResponses) throw error;
        if (this.clock.monotonicMs() - lastResponseMs >= MAX_OUTAGE_MS) throw error;
        this.logger.debug('event stream lost, reconnecting', { path: target.path, code: error.code });
      }
      await sleep(this.clock, fullJitterMs(RECONNECT, attempts, this.random), signal);
    }
  }

  private async open(path: string, cursor: EventCursor, signal: AbortSignal | undefined): Promise<EngineStream> {
    cursor.nextConnection();
    try {
      const stream = await this.http.openStream(path, cursor.lastEventId, signal);
      this.isSupported = true;
      return stream;
    } catch (error) {
      if (error instanceof OrraNotSupportedError) this.isSupported = false;
      throw error;
    }
  }

  private async isSettled(id: string, signal: AbortSignal | undefined): Promise<boolean> {
    const path = `/orchestrations/inspections/${pathSegment(id, 'id of the orchestration')}`;
    const response = await this.http.send({ method: 'GET', path, signal });
    return isSettled(expectMembers<OrchestrationInspection>(response, ['id', 'status']));
  }
}

/** Whether the orchestration has its final status. The work of its tasks may still be compensated. */
export function endsOrchestration({ type }: StreamEvent): boolean {
  const [subject, status] = type.split('.');
  return subject === 'orchestration' && isTerminalStatus(status as OrchestrationStatus);
}

/** Whether no further event follows, because nothing is compensated after these. */
const isLast = ({ type }: StreamEvent): boolean =>
  type === 'orchestration.completed' || type === 'orchestration.not_actionable';
