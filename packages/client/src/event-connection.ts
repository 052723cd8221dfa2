/** One connection of an event stream: parses its bytes into events, and detects a dead connection. */
import { type Clock, type OrraError, describeThrown } from '@orra-ts/common';
import { type StreamEvent, isJsonObject } from '@orra-ts/protocol';
import type { EngineStream } from './engine-http';
import { OrraUnexpectedResponseError, clientError } from './errors';
import { type ServerSentEvent, SseParser } from './sse-parser';

/** An engine writes a comment every 15 s. After three missing comments the connection is considered dead. */
const SILENCE_MS = 45_000;

/**
 * Yields the events, and undefined for bytes that completed no event, such as heartbeats.
 *
 * @throws OrraError `ORRA_UNREACHABLE` when the connection breaks, or nothing arrives for 45 s during a read
 */
export async function* readEvents(
  stream: EngineStream,
  clock: Clock,
): AsyncGenerator<ServerSentEvent | undefined, void, undefined> {
  const parser = new SseParser();
  const pieces = stream.body[Symbol.asyncIterator]();
  // Only the wait for bytes is timed, so a slow consumer does not close the connection.
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const timer = clock.setTimer(SILENCE_MS, () => stream.close(silence(stream.request)));
    try {
      return await pieces.next();
    } finally {
      timer.clear();
    }
  };
  try {
    for (let piece = await next(); !piece.done; piece = await next()) {
      let isComplete = false;
      for (const event of parser.push(piece.value)) {
        isComplete = true;
        yield event;
      }
      if (!isComplete) yield undefined;
    }
  } finally {
    stream.close();
  }
}

const silence = (request: string): OrraError =>
  clientError(
    'ORRA_UNREACHABLE',
    `${request}: nothing arrived for ${SILENCE_MS / 1000} s; check the engine, and that no proxy buffers its responses`,
    { details: { request } },
  );

/**
 * Parses the data of an event. Returns undefined for kinds that this version does not know.
 *
 * @throws OrraUnexpectedResponseError when a Plan Engine does not send such data
 */
export function readStreamEvent({ name, data }: ServerSentEvent, request: string): StreamEvent | undefined {
  if (name !== '' && !isKnownKind(name)) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch (cause) {
    throw unexpected(request, describeThrown(cause), cause);
  }
  const members = ['type', 'orchestrationId', 'timestamp'];
  if (!isJsonObject(body) || !members.every((member) => typeof body[member] === 'string')) {
    throw unexpected(request, `an object with ${members.join(', ')} was expected`);
  }
  return isKnownKind(body['type'] as string) ? (body as unknown as StreamEvent) : undefined;
}

const isKnownKind = (name: string): boolean => /^(orchestration|task|compensation)\./.test(name);

const unexpected = (request: string, why: string, cause?: unknown): OrraUnexpectedResponseError =>
  new OrraUnexpectedResponseError(`${request}: a Plan Engine does not send such an event: ${why}`, {
    cause,
    details: { request },
  });
