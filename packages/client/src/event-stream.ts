/**
 * Following events: one connection after another, as one stream. A lost connection is made anew behind the last event that
 * came (full jitter); what comes twice all the same is left out.
 *
 * The end of a connection says little: an engine ends it when the orchestration is over, and also when it stops itself.
 * So an orchestration's stream is over when it has completed (nothing can follow), or when a connection behind its last
 * event ends without another one.
 */
import { type Clock, type Logger, OrraError, type RandomNumber, fullJitterMs, sleep } from '@orra-ts/common';
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
import { PATIENCE_MS, type ResolvedOrraClientOptions } from './options';
import { isSettled } from './result';

export interface EventsOptions {
  /** Goes on behind this event: the `id` of one seen before. @default an orchestration's first event; a project's next one */
  readonly lastEventId?: string;
  /** Ends the stream; its reader gets the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface EngineEvent {
  /** Its position, to go on behind it. */
  readonly id: string;
  readonly event: StreamEvent;
}

const RECONNECT = { baseMs: 250, capMs: 10_000 };

type EventReader = AsyncGenerator<EngineEvent, void, undefined>;

interface Course {
  readonly path: string;
  /** Of a stream that ends. */
  readonly orchestrationId?: string;
  /** Whether an engine that answers but refuses for now is asked again. */
  readonly retriesRefusals: boolean;
}

export class EventStreams {
  private readonly clock: Clock;
  private readonly random: RandomNumber;
  private readonly logger: Logger;
  /** What the engine said last; undefined until it is asked. */
  private isSupported: boolean | undefined;

  constructor(
    private readonly http: EngineHttp,
    { clock, random, logger }: ResolvedOrraClientOptions,
  ) {
    this.clock = clock;
    this.random = random;
    this.logger = logger;
  }

  ofProject(options: EventsOptions): EventReader {
    return this.follow({ path: '/events', retriesRefusals: true }, options);
  }

  ofOrchestration(id: string, options: EventsOptions): EventReader {
    return this.follow(this.courseOf(id, true), options);
  }

  /** All events of an orchestration where the engine has them; ends early, perhaps at once, where it is to be polled. */
  async *asFarAsPossible(id: string, signal: AbortSignal | undefined): EventReader {
    if (this.isSupported === false) return;
    try {
      yield* this.follow(this.courseOf(id, false), { signal });
    } catch (error) {
      // Refused for now (too many streams, something in between): to look now and then asks less of it.
      const isRefusal = error instanceof OrraEngineError && error.retryable;
      if (!(error instanceof OrraNotSupportedError) && !isRefusal) throw error;
      this.logger.debug('no events, polling instead', { orchestrationId: id, code: error.code });
    }
  }

  private courseOf(id: string, retriesRefusals: boolean): Course {
    const path = `/orchestrations/${pathSegment(id, 'id of the orchestration')}/events`;
    return { path, orchestrationId: id, retriesRefusals };
  }

  private async *follow(course: Course, { lastEventId, signal }: EventsOptions): EventReader {
    const cursor = new EventCursor(lastEventId);
    let lastAnswerMs = this.clock.now();
    for (let tries = 0; ; tries++) {
      signal?.throwIfAborted();
      const countBefore = cursor.count;
      try {
        const stream = await this.open(course.path, cursor, signal);
        lastAnswerMs = this.clock.now();
        for await (const sent of readEvents(stream, this.clock)) {
          tries = 0;
          const event = sent && cursor.take(sent) ? readStreamEvent(sent, stream.request) : undefined;
          if (sent && event) {
            if (endsOrchestration(event)) cursor.hasEnded = true;
            yield { id: sent.id, event };
            if (course.orchestrationId !== undefined && isLast(event)) return;
          }
          lastAnswerMs = this.clock.now();
        }
        if (course.orchestrationId !== undefined) {
          const hadNews = cursor.count > countBefore;
          if (!hadNews && (cursor.hasEnded || (await this.isSettled(course.orchestrationId, signal)))) return;
          if (hadNews && cursor.hasEnded) continue;
        }
      } catch (error) {
        if (signal?.aborted || !(error instanceof OrraError) || !error.retryable) throw error;
        if (error instanceof OrraEngineError && !course.retriesRefusals) throw error;
        if (this.clock.now() - lastAnswerMs >= PATIENCE_MS) throw error;
        this.logger.debug('event stream lost, connecting again', { path: course.path, code: error.code });
      }
      await sleep(this.clock, fullJitterMs(RECONNECT, tries, this.random), signal);
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
    const reply = await this.http.send({ method: 'GET', path, signal });
    return isSettled(expectMembers<OrchestrationInspection>(reply, ['id', 'status']));
  }
}

/** The orchestration has its final status; what its tasks did may still be compensated. */
export function endsOrchestration({ type }: StreamEvent): boolean {
  const [subject, status] = type.split('.');
  return subject === 'orchestration' && isTerminalStatus(status as OrchestrationStatus);
}

/** Nothing is compensated after these. */
const isLast = ({ type }: StreamEvent): boolean =>
  type === 'orchestration.completed' || type === 'orchestration.not_actionable';
