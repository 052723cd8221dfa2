/** Replies as OpenAI-compatible servers say them over HTTP. */
import { withoutUndefined } from '@orra-ts/common';
import type { ContentReply, StatusReplyOptions, WholeReply } from './model-reply';
import type { ModelRequest } from './model-request';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };

const jsonAnswer = (body: unknown): HttpAnswer => ({
  status: 200,
  headers: JSON_TYPE,
  body: JSON.stringify(body),
});

/** The error form that all clients of such servers read. */
export function errorAnswer(
  status: number,
  { message = `FakeModel was told to answer ${status}`, code, retryAfter, headers }: StatusReplyOptions = {},
  param: string | null = null,
): HttpAnswer {
  const [type, usualCode] = kindOf(status);
  return {
    status,
    headers: {
      ...withoutUndefined({ ...JSON_TYPE, 'retry-after': retryAfter === undefined ? undefined : String(retryAfter) }),
      ...headers,
    },
    body: JSON.stringify({ error: { message, type, param, code: code ?? usualCode } }),
  };
}

/** `type` and `code` that clients expect with a status. */
function kindOf(status: number): [type: string, code: string | null] {
  if (status === 401) return ['invalid_request_error', 'invalid_api_key'];
  if (status === 429) return ['rate_limit_error', 'rate_limit_exceeded'];
  return status >= 500 ? ['server_error', null] : ['invalid_request_error', null];
}

export function wholeAnswer(reply: WholeReply, request: ModelRequest): HttpAnswer {
  switch (reply.kind) {
    case 'content':
      return jsonAnswer(completion(reply, request));
    case 'status':
      return errorAnswer(reply.status, reply);
    case 'body':
      return { status: 200, headers: { 'content-type': reply.contentType }, body: reply.body };
    case 'empty':
      return jsonAnswer({ ...envelope(request), choices: [] });
  }
}

/** As servers answer that do not know `response_format`, or not this type of it. */
export const responseFormatAnswer = (type: string): HttpAnswer =>
  errorAnswer(
    400,
    { message: `response_format of type '${type}' is not supported by this model`, code: 'unsupported_parameter' },
    'response_format',
  );

const CHUNK = 'x'.repeat(64 * 1024);

/** The JSON of a completion with so many bytes of content, in pieces: never whole in memory. */
export function* hugeCompletion(bytes: number, request: ModelRequest): Generator<string> {
  const usage = { promptTokens: tokens(request.prompt.length), completionTokens: tokens(bytes) };
  const json = JSON.stringify(completion({ kind: 'content', content: '', finishReason: 'stop', usage }, request));
  const start = json.lastIndexOf('"content":"') + '"content":"'.length;
  yield json.slice(0, start);
  for (let left = bytes; left > 0; left -= CHUNK.length) yield left < CHUNK.length ? CHUNK.slice(0, left) : CHUNK;
  yield json.slice(start);
}

/** Four characters a token: near what models count in English, and the same in every run. */
const tokens = (characters: number): number => Math.ceil(characters / 4);

function envelope({ attempt, model, receivedAtMs }: ModelRequest): object {
  return {
    id: `chatcmpl-fake-${attempt}`,
    object: 'chat.completion',
    created: Math.floor(receivedAtMs / 1000),
    model,
  };
}

function completion({ content, finishReason, usage }: ContentReply, request: ModelRequest): unknown {
  const counted = usage === undefined ? estimate(request, content) : usage;
  return {
    ...envelope(request),
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finishReason }],
    usage: counted
      ? {
          prompt_tokens: counted.promptTokens,
          completion_tokens: counted.completionTokens,
          total_tokens: counted.promptTokens + counted.completionTokens,
        }
      : undefined,
  };
}

const estimate = ({ prompt }: ModelRequest, content: string): ContentReply['usage'] => ({
  promptTokens: tokens(prompt.length),
  completionTokens: tokens(content.length),
});

/** @param embed the vector of one text */
export function embeddingsAnswer(
  model: unknown,
  texts: readonly string[],
  embed: (text: string) => readonly number[],
): HttpAnswer {
  const promptTokens = tokens(texts.reduce((sum, { length }) => sum + length, 0));
  return jsonAnswer({
    object: 'list',
    data: texts.map((text, index) => ({ object: 'embedding', index, embedding: embed(text) })),
    model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  });
}
