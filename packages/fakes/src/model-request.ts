/** A request for a completion, as a `FakeModel` remembers it. */
import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject } from '@orra-ts/protocol';
import { Refusal } from './model-body';

export interface ModelMessage {
  readonly role: string;
  /** Parts of a message are joined; what is no text is left out. */
  readonly content: string;
}

export interface ModelRequest {
  /** Counted from 1, over all requests for completions; refused ones count. */
  readonly attempt: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
  /** Name of the model that was asked for. */
  readonly model: string;
  readonly messages: readonly ModelMessage[];
  /** The contents of all messages, a line break between them. */
  readonly prompt: string;
  /** `response_format.type`, such as `json_schema`; undefined when there is no format. */
  readonly responseFormat: string | undefined;
  /** Milliseconds since 1970, on the model's clock. */
  readonly receivedAtMs: number;
  /** Aborted when the client has gone, or the model was closed, before the answer was complete. */
  readonly signal: AbortSignal;
  /** Resolves when `signal` is aborted; never, when the request was answered. */
  readonly aborted: Promise<void>;
}

/** What the body of a request tells. @throws Refusal 400 naming what is wrong with it */
export function readChatBody(
  body: Record<string, unknown>,
): Pick<ModelRequest, 'body' | 'model' | 'messages' | 'prompt' | 'responseFormat'> {
  const { model, messages: given, response_format: format, stream } = body;
  if (typeof model !== 'string' || model === '') {
    throw new Refusal(400, 'model is missing: give the name of a model, any name will do');
  }
  if (!Array.isArray(given) || given.length === 0) {
    throw new Refusal(400, 'messages is missing: give an array of at least one message');
  }
  if (stream === true) {
    throw new Refusal(400, 'stream is not supported by FakeModel: leave it out and read the answer as a whole');
  }
  const messages = given.map((message: unknown, index): ModelMessage => {
    if (isJsonObject(message) && typeof message['role'] === 'string') {
      return { role: message['role'], content: textOf(message['content']) };
    }
    throw new Refusal(400, `messages[${index}] has no role`);
  });
  const prompt = messages.map(({ content }) => content).join('\n');
  const responseFormat = isJsonObject(format) ? String(format['type']) : undefined;
  return { body, model, messages, prompt, responseFormat };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('');
}
