/** A recorded completion request of a `FakeModel`. */
import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject } from '@orra-ts/protocol';
import { ModelHttpError } from './model-body';

export interface ModelMessage {
  readonly role: string;
  /** The joined text parts of the message. Other parts are omitted. */
  readonly content: string;
}

export interface ModelRequest {
  /** Number of the completion request, counted from 1, including rejected ones. */
  readonly attempt: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
  /** Name of the requested model. */
  readonly model: string;
  readonly messages: readonly ModelMessage[];
  /** The contents of all messages, joined with line breaks. */
  readonly prompt: string;
  /** `response_format.type`, such as `json_schema`; undefined without a format. */
  readonly responseFormat: string | undefined;
  /** Milliseconds since 1970, on the model's clock. */
  readonly receivedAtMs: number;
  /** Aborts when the client disconnects, or the model is closed, before the response is complete. */
  readonly signal: AbortSignal;
  /** Resolves when `signal` aborts. Never resolves when the response was complete. */
  readonly aborted: Promise<void>;
}

/** Parses the body of a request. @throws ModelHttpError with status 400 that names the problem */
export function readChatBody(
  body: Record<string, unknown>,
): Pick<ModelRequest, 'body' | 'model' | 'messages' | 'prompt' | 'responseFormat'> {
  const { model, messages: rawMessages, response_format: format, stream } = body;
  if (typeof model !== 'string' || model === '') {
    throw new ModelHttpError(400, 'model is missing: pass any model name');
  }
  if (!Array.isArray(rawMessages) || rawMessages.length === 0) {
    throw new ModelHttpError(400, 'messages is missing: pass an array of at least one message');
  }
  if (stream === true) {
    throw new ModelHttpError(400, 'stream is not supported by FakeModel: omit it and read the complete response');
  }
  const messages = rawMessages.map((message: unknown, index): ModelMessage => {
    if (isJsonObject(message) && typeof message['role'] === 'string') {
      return { role: message['role'], content: textContentOf(message['content']) };
    }
    throw new ModelHttpError(400, `messages[${index}] has no role`);
  });
  const prompt = messages.map(({ content }) => content).join('\n');
  const responseFormat = isJsonObject(format) ? String(format['type']) : undefined;
  return { body, model, messages, prompt, responseFormat };
}

function textContentOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('');
}
