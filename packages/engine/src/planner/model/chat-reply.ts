/** Parses responses of an OpenAI-compatible endpoint: a completion, or an error in one of several forms. */
import { isJsonObject } from '@orra-ts/protocol';

export interface ChatCompletion {
  readonly content: string;
  /** The endpoint's `finish_reason`, such as `stop` or `length`. */
  readonly finishReason?: string;
  /** The model's refusal to respond. */
  readonly refusal?: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
}

/** Returns undefined if the body is not a completion. */
export function readCompletion(body: unknown): ChatCompletion | undefined {
  const choice: unknown = isJsonObject(body) && Array.isArray(body['choices']) ? body['choices'][0] : undefined;
  const message = isJsonObject(choice) ? choice['message'] : undefined;
  if (!isJsonObject(body) || !isJsonObject(choice) || !isJsonObject(message)) return undefined;
  const usage = isJsonObject(body['usage']) ? body['usage'] : {};
  const { finish_reason: finishReason } = choice;
  const { refusal } = message;
  const [promptTokens, completionTokens] = [usage['prompt_tokens'], usage['completion_tokens']];
  return {
    content: textOf(message['content']),
    finishReason: typeof finishReason === 'string' ? finishReason : undefined,
    refusal: typeof refusal === 'string' && refusal !== '' ? refusal : undefined,
    promptTokens: typeof promptTokens === 'number' ? promptTokens : undefined,
    completionTokens: typeof completionTokens === 'number' ? completionTokens : undefined,
  };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads errors in the form of OpenAI and in those of other servers. */
export function errorOf(body: unknown, text: string): { readonly message: string; readonly code: string | undefined } {
  const error = isJsonObject(body) ? (body['error'] ?? body['detail'] ?? body['message']) : undefined;
  if (typeof error === 'string') return { message: error, code: undefined };
  if (!isJsonObject(error)) return { message: body === undefined ? text.trim() : '', code: undefined };
  const { message, code } = error;
  return {
    message: typeof message === 'string' ? message : '',
    code: typeof code === 'string' ? code : undefined,
  };
}

/** Reads content that is a string or a list of parts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}
