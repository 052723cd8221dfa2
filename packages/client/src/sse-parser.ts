/**
 * Server-sent events from bytes, by the rules of the HTML standard: lines end with CR, LF or CRLF, wherever the pieces are
 * cut; several `data` lines are one text; comments and unknown fields are ignored; what has no blank line behind it yet is
 * no event.
 */
import { OrraUnexpectedResponseError } from './errors';

export interface ServerSentEvent {
  /** Its own `id`, or that of the last event that had one; empty when none had. */
  readonly id: string;
  readonly hasOwnId: boolean;
  /** Of its `event` field; empty without one. */
  readonly name: string;
  readonly data: string;
}

/** Above the largest message that an engine of ours takes from a service, since an update comes back as one event. */
const MAX_EVENT_CHARACTERS = 32 * 1024 * 1024;

export class SseParser {
  private readonly decoder = new TextDecoder();
  /** Pieces of a line whose end has not come: joined once, or a long line would be copied with every piece. */
  private line: string[] = [];
  private data: string[] = [];
  private name = '';
  private ownId: string | undefined;
  private lastId = '';
  private characters = 0;
  /** The last piece ended with CR: an LF at the begin of the next belongs to it. */
  private endedWithCr = false;

  constructor(private readonly maxEventCharacters = MAX_EVENT_CHARACTERS) {}

  /** The events that this piece completes. @throws OrraUnexpectedResponseError when one is larger than any engine's */
  *push(piece: Uint8Array): Generator<ServerSentEvent, void, undefined> {
    let text = this.decoder.decode(piece, { stream: true });
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
    if (start < text.length) this.keep(this.line, text.slice(start));
  }

  private endLine(rest: string): ServerSentEvent | undefined {
    this.keep(this.line, rest);
    const line = this.line.join('');
    this.line = [];
    if (line === '') return this.dispatch();
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
        // A comment's field is empty. What it took is given back, or heartbeats would add up.
        this.characters -= line.length;
    }
    return undefined;
  }

  private dispatch(): ServerSentEvent | undefined {
    const { data, name, ownId } = this;
    this.data = [];
    this.name = '';
    this.ownId = undefined;
    this.characters = 0;
    if (ownId !== undefined) this.lastId = ownId;
    if (data.length === 0) return undefined;
    return { id: this.lastId, hasOwnId: ownId !== undefined, name, data: data.join('\n') };
  }

  private keep(pieces: string[], piece: string): void {
    this.characters += piece.length;
    if (this.characters > this.maxEventCharacters) {
      throw new OrraUnexpectedResponseError(
        `an event has more than ${this.maxEventCharacters} characters, so this is not the event stream of a Plan Engine`,
      );
    }
    if (piece !== '') pieces.push(piece);
  }
}
