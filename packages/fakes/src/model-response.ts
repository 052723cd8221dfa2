/** Replies as HTTP responses of an OpenAI-compatible server. */
import { withoutUndefined } from '@orra-ts/common';
import type { ContentReply, StatusReplyOptions, WholeReply } from './model-reply';
import type { ModelRequest } from './model-request';

export interface ModelHttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };

const jsonResponse = (body: unknown): ModelHttpResponse => ({
  status: 200,
  headers: JSON_TYPE,
  body: JSON.stringify(body),
});

/** An error response in the format of OpenAI. */
export function errorResponse(
  status: number,
  {
    message = `scripted response of FakeModel with status ${status}`,
    code,
    retryAfter,
    headers,
  }: StatusReplyOptions = {},
  param: string | null = null,
): ModelHttpResponse {
  const [type, defaultCode] = errorTypeOf(status);
  return {
    status,
    headers: {
      ...withoutUndefined({ ...JSON_TYPE, 'retry-after': retryAfter === undefined ? undefined : String(retryAfter) }),
      ...headers,
    },
    body: JSON.stringify({ error: { message, type, param, code: code ?? defaultCode } }),
  };
}

/** The `type` and `code` that OpenAI sends with a status. */
function errorTypeOf(status: number): [type: string, code: string | null] {
  if (status === 401) return ['invalid_request_error', 'invalid_api_key'];
  if (status === 429) return ['rate_limit_error', 'rate_limit_exceeded'];
  return status >= 500 ? ['server_error', null] : ['invalid_request_error', null];
}

export function wholeResponse(reply: WholeReply, request: ModelRequest): ModelHttpResponse {
  switch (reply.kind) {
    case 'content':
      return jsonResponse(completion(reply, request));
    case 'status':
      return errorResponse(reply.status, reply);
    case 'body':
      return { status: 200, headers: { 'content-type': reply.contentType }, body: reply.body };
    case 'empty':
      return jsonResponse({ ...envelope(request), choices: [] });
  }
}

/** The response of a server that does not support this `response_format`. */
export const responseFormatError = (type: string): ModelHttpResponse =>
  errorResponse(
    400,
    { message: `response_format of type '${type}' is not supported by this model`, code: 'unsupported_parameter' },
    'response_format',
  );

const CHUNK = 'x'.repeat(64 * 1024);

/** The JSON of a completion with this many bytes of content, in chunks, so that it is never entirely in memory. */
export function* hugeCompletion(bytes: number, request: ModelRequest): Generator<string> {
  const usage = { promptTokens: estimateTokens(request.prompt.length), completionTokens: estimateTokens(bytes) };
  const json = JSON.stringify(completion({ kind: 'content', content: '', finishReason: 'stop', usage }, request));
  const start = json.lastIndexOf('"content":"') + '"content":"'.length;
  yield json.slice(0, start);
  for (let left = bytes; left > 0; left -= CHUNK.length) yield left < CHUNK.length ? CHUNK.slice(0, left) : CHUNK;
  yield json.slice(start);
}

/** Estimates four characters per token, as in English, with the same result in every run. */
const estimateTokens = (characters: number): number => Math.ceil(characters / 4);

function envelope({ attempt, model, receivedAtMs }: ModelRequest): object {
  return {
    id: `chatcmpl-fake-${attempt}`,
    object: 'chat.completion',
    created: Math.floor(receivedAtMs / 1000),
    model,
  };
}

function completion({ content, finishReason, usage }: ContentReply, request: ModelRequest): unknown {
  const tokenUsage = usage === undefined ? estimate(request, content) : usage;
  return {
    ...envelope(request),
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finishReason }],
    usage: tokenUsage
      ? {
          prompt_tokens: tokenUsage.promptTokens,
          completion_tokens: tokenUsage.completionTokens,
          total_tokens: tokenUsage.promptTokens + tokenUsage.completionTokens,
        }
      : undefined,
  };
}

const estimate = ({ prompt }: ModelRequest, content: string): ContentReply['usage'] => ({
  promptTokens: estimateTokens(prompt.length),
  completionTokens: estimateTokens(content.length),
});

/** @param embed returns the embedding of one input */
export function embeddingsResponse(
  model: unknown,
  inputs: readonly string[],
  embed: (input: string) => readonly number[],
): ModelHttpResponse {
  const promptTokens = estimateTokens(inputs.reduce((sum, { length }) => sum + length, 0));
  return jsonResponse({
    object: 'list',
    data: inputs.map((input, index) => ({ object: 'embedding', index, embedding: embed(input) })),
    model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  });
}
