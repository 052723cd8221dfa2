/**
 * Parser of server-sent events, by the rules of the HTML standard: lines end with CR, LF or CRLF, even across chunks;
 * several `data` lines are one string; comments and unknown fields are ignored; an event ends with a blank line.
 */
import { OrraUnexpectedResponseError } from './errors';

export interface ServerSentEvent {
  /** The `id` of this event, or of the last event that had one; empty when none had. */
  readonly id: string;
  readonly hasOwnId: boolean;
  /** Value of the `event` field; empty without one. */
  readonly name: string;
  readonly data: string;
}

/** Larger than the largest message that the engine accepts from a service, because an update is sent as one event. */
const MAX_EVENT_CHARACTERS = 32 * 1024 * 1024;

export class SseParser {
  private readonly decoder = new TextDecoder();
  /** Chunks of an unfinished line. They are joined once, so that a long line is not copied with every chunk. */
  private line: string[] = [];
  private data: string[] = [];
  private name = '';
  private ownId: string | undefined;
  private lastId = '';
  private characters = 0;
  /** The last chunk ended with CR, so an LF at the start of the next one belongs to it. */
  private endedWithCr = false;

  constructor(private readonly maxEventCharacters = MAX_EVENT_CHARACTERS) {}

  /** Yields the events that this chunk completes. @throws OrraUnexpectedResponseError when an event exceeds the size limit */
  *push(chunk: Uint8Array): Generator<ServerSentEvent, void, undefined> {
    let text = this.decoder.decode(chunk, { stream: true });
    if (text === '') return;
    if (this.endedWithCr && text.startsWith('\n')) text = text.slice(1);
    this.endedWithCr = text.endsWith('\r');
    let start = 0;
    for (const {
      index,
      0: { length },
    } of text.matchAll(/\r\n|\r|\n/g)) {
      const event = this.endLine(text.slice(start, index));
      start = index + length;
      if (event) yield event;
    }
    if (start < text.length) this.append(this.line, text.slice(start));
  }

  private endLine(rest: string): ServerSentEvent | undefined {
    this.append(this.line, rest);
    const line = this.line.join('');
    this.line = [];
    if (line === '') return this.endEvent();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    switch (field) {
      case 'data':
        this.data.push(value);
        break;
      case 'event':
        this.name = value;
        break;
      case 'id':
        if (!value.includes('\0')) this.ownId = value;
        break;
      default:
        // A comment has an empty field name. It must not count towards the limit, or heartbeats would add up.
        this.characters -= line.length;
    }
    return undefined;
  }

  private endEvent(): ServerSentEvent | undefined {
    const { data, name, ownId } = this;
    this.data = [];
    this.name = '';
    this.ownId = undefined;
    this.characters = 0;
    if (ownId !== undefined) this.lastId = ownId;
    if (data.length === 0) return undefined;
    return { id: this.lastId, hasOwnId: ownId !== undefined, name, data: data.join('\n') };
  }

  private append(chunks: string[], chunk: string): void {
    this.characters += chunk.length;
    if (this.characters > this.maxEventCharacters) {
      throw new OrraUnexpectedResponseError(
        `an event has more than ${this.maxEventCharacters} characters, so this is not the event stream of a Plan Engine`,
      );
    }
    if (chunk !== '') chunks.push(chunk);
  }
}
