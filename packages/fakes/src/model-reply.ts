/** Replies of a `FakeModel`, as data, so that a reply can be queued, wrapped and reused. */
import { actionableContent, notActionableContent, type ModelPlan } from './model-plan-form';

export interface ModelUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** A completion with content. */
export interface ContentReply {
  readonly kind: 'content';
  readonly content: string;
  /** `length`: the model reached its token limit. */
  readonly finishReason: 'stop' | 'length';
  /** null: the response has no `usage`. @default an estimate from the lengths of the prompt and the content */
  readonly usage?: ModelUsage | null;
}

/** Options of an error response. */
export interface StatusReplyOptions {
  readonly message?: string;
  /** Error code of OpenAI, such as `insufficient_quota`. @default the usual code for the status */
  readonly code?: string;
  /** Value of `Retry-After`: seconds, or an HTTP date. */
  readonly retryAfter?: number | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StatusReply extends StatusReplyOptions {
  readonly kind: 'status';
  readonly status: number;
}

/** Replies that are one complete HTTP response. */
export type WholeReply =
  | ContentReply
  | StatusReply
  | { readonly kind: 'body'; readonly body: string; readonly contentType: string }
  | { readonly kind: 'empty' };

export type ModelReply =
  | WholeReply
  | { readonly kind: 'slow'; readonly until: Promise<unknown> | number; readonly reply: ModelReply }
  | { readonly kind: 'hang' }
  | { readonly kind: 'cut'; readonly reply: WholeReply }
  | { readonly kind: 'huge'; readonly bytes: number }
  | { readonly kind: 'rejects_response_format'; readonly type: string | undefined; readonly reply: ModelReply };

/** Far more than any client should read, but small enough for a test. */
const MAX_HUGE_BYTES = 2 ** 30;

const text = (content: string): ContentReply => ({ kind: 'content', content, finishReason: 'stop' });

const withContent = (reply: ContentReply, content: string): ContentReply => ({ ...reply, content });

const fenced = (reply: ContentReply): ContentReply => withContent(reply, `\`\`\`json\n${reply.content}\n\`\`\``);

const bare = (value: unknown): ContentReply => text(JSON.stringify(value, undefined, 2));

/** Builders of replies. Some of them wrap another reply. */
export const modelReply = {
  /** A plan in the engine's response format, as bare JSON. */
  plan: (plan: ModelPlan): ContentReply => bare(actionableContent(plan)),

  /** States that the services cannot do the action. @param nearest names of the most similar services */
  notActionable: (reason: string, nearest: readonly string[] = []): ContentReply =>
    bare(notActionableContent(reason, nearest)),

  /** Any JSON in a Markdown fence. */
  json: (value: unknown): ContentReply => fenced(bare(value)),

  /** Any JSON without a fence. */
  bare,

  /** Any content. */
  text,

  /** The reply's content in a Markdown fence. */
  fenced,

  /** A `<think>` block before the reply's content. */
  think: (reasoning: string, reply: ContentReply): ContentReply =>
    withContent(reply, `<think>\n${reasoning}\n</think>\n\n${reply.content}`),

  /** Prose around the reply's content. */
  prose: (before: string, reply: ContentReply, after = ''): ContentReply =>
    withContent(reply, [before, reply.content, after].filter((part) => part !== '').join('\n\n')),

  /** The first half of the reply's content, with `finish_reason` `length`. */
  truncated: (reply: ContentReply): ContentReply => ({
    ...reply,
    content: reply.content.slice(0, Math.floor(reply.content.length / 2)),
    finishReason: 'length',
  }),

  /** The reply with this token usage. @param usage null omits it */
  usage: (usage: ModelUsage | null, reply: ContentReply): ContentReply => ({ ...reply, usage }),

  /** An error in the format of OpenAI. @throws RangeError unless the status is from 300 to 599 */
  status(status: number, options: StatusReplyOptions = {}): StatusReply {
    if (!Number.isInteger(status) || status < 300 || status > 599) {
      throw new RangeError(
        `modelReply.status(${status}): the status must be from 300 to 599; use plan, text or body for success`,
      );
    }
    return { kind: 'status', status, ...options };
  },

  /** Status 200 with any body, such as the page of a web server. */
  body: (body: string, contentType = 'application/json'): WholeReply => ({ kind: 'body', body, contentType }),

  /** A completion without choices. */
  empty: (): WholeReply => ({ kind: 'empty' }),

  /**
   * The reply after a delay. It is not sent if the client has disconnected.
   * @param until a promise, or milliseconds on the model's clock
   */
  slow: (until: Promise<unknown> | number, reply: ModelReply): ModelReply => ({ kind: 'slow', until, reply }),

  /** No response until the client disconnects or the model is closed. */
  hang: (): ModelReply => ({ kind: 'hang' }),

  /** The headers with the full length and the first half of the body, then a broken connection. */
  cut: (reply: WholeReply): ModelReply => ({ kind: 'cut', reply }),

  /**
   * A completion whose content has this many bytes, in chunked encoding.
   * @throws RangeError below 1 and above 2^30
   */
  huge(bytes: number): ModelReply {
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > MAX_HUGE_BYTES) {
      throw new RangeError(
        `modelReply.huge(${bytes}): the number of bytes must be an integer from 1 to ${MAX_HUGE_BYTES}`,
      );
    }
    return { kind: 'huge', bytes };
  },

  /**
   * Status 400 while requests contain a `response_format`, like a server that does not support it, then the reply. It stays
   * at the front of the queue until then.
   * @param type rejects only formats of this type, such as `json_schema` @default all types
   */
  rejectsResponseFormat: (reply: ModelReply, type?: string): ModelReply => ({
    kind: 'rejects_response_format',
    type,
    reply,
  }),
} as const;
