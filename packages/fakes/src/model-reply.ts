/** What a `FakeModel` can be told to answer: data, so that a reply can be queued, wrapped and used again. */
import { actionableAnswer, notActionableAnswer, type ModelPlan } from './model-plan-form';

export interface ModelUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** A completion with text of the model. */
export interface ContentReply {
  readonly kind: 'content';
  readonly content: string;
  /** `length`: the model ran into its limit of tokens. */
  readonly finishReason: 'stop' | 'length';
  /** null: the answer has no `usage`. @default an estimate from the lengths of prompt and content */
  readonly usage?: ModelUsage | null;
}

/** Options of an error that a server answers with. */
export interface StatusReplyOptions {
  readonly message?: string;
  /** As in OpenAI's errors, such as `insufficient_quota`. @default what goes with the status */
  readonly code?: string;
  /** Goes into `Retry-After`: seconds, or a date in HTTP's form. */
  readonly retryAfter?: number | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StatusReply extends StatusReplyOptions {
  readonly kind: 'status';
  readonly status: number;
}

/** Replies that are one HTTP answer, given whole. */
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
  | { readonly kind: 'refuses_response_format'; readonly type: string | undefined; readonly reply: ModelReply };

/** Far more than any client should read, and little enough to be sent by a test. */
const MAX_HUGE_BYTES = 2 ** 30;

const text = (content: string): ContentReply => ({ kind: 'content', content, finishReason: 'stop' });

const withContent = (reply: ContentReply, content: string): ContentReply => ({ ...reply, content });

const fenced = (reply: ContentReply): ContentReply => withContent(reply, `\`\`\`json\n${reply.content}\n\`\`\``);

const bare = (value: unknown): ContentReply => text(JSON.stringify(value, undefined, 2));

/** Builders of replies. Those that change another reply take it last, or in its place between others. */
export const modelReply = {
  /** A plan in the engine's answer form, as bare JSON. */
  plan: (plan: ModelPlan): ContentReply => bare(actionableAnswer(plan)),

  /** The model's word that the services cannot do it. @param nearest names of services that come closest */
  notActionable: (reason: string, nearest: readonly string[] = []): ContentReply =>
    bare(notActionableAnswer(reason, nearest)),

  /** Any JSON in a Markdown fence. */
  json: (value: unknown): ContentReply => fenced(bare(value)),

  /** Any JSON without a fence. */
  bare,

  /** Any text. */
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

  /** The reply with these tokens. @param usage null: none are told */
  usage: (usage: ModelUsage | null, reply: ContentReply): ContentReply => ({ ...reply, usage }),

  /** An error in OpenAI's form. @throws RangeError when the status is no error and no redirection (300 to 599) */
  status(status: number, options: StatusReplyOptions = {}): StatusReply {
    if (!Number.isInteger(status) || status < 300 || status > 599) {
      throw new RangeError(`modelReply.status(${status}): give 300 to 599; what succeeds is a plan, text or body`);
    }
    return { kind: 'status', status, ...options };
  },

  /** A 200 with any body, such as the page of a web server that is no model. */
  body: (body: string, contentType = 'application/json'): WholeReply => ({ kind: 'body', body, contentType }),

  /** A completion without choices. */
  empty: (): WholeReply => ({ kind: 'empty' }),

  /**
   * The reply, later. It is not given at all when the client has gone meanwhile.
   * @param until a promise, or milliseconds on the model's clock
   */
  slow: (until: Promise<unknown> | number, reply: ModelReply): ModelReply => ({ kind: 'slow', until, reply }),

  /** Nothing, until the client goes away or the model is closed. */
  hang: (): ModelReply => ({ kind: 'hang' }),

  /** The headers with the full length and the first half of the body; then the connection breaks. */
  cut: (reply: WholeReply): ModelReply => ({ kind: 'cut', reply }),

  /**
   * A completion whose content has so many bytes, in chunks that do not tell the length.
   * @throws RangeError below 1 and above 2^30
   */
  huge(bytes: number): ModelReply {
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > MAX_HUGE_BYTES) {
      throw new RangeError(`modelReply.huge(${bytes}): give whole bytes from 1 to ${MAX_HUGE_BYTES}`);
    }
    return { kind: 'huge', bytes };
  },

  /**
   * A 400 that names `response_format` while requests have one, as servers answer that do not know it; the reply, once a
   * request has none. In the queue it stays in front until then.
   * @param type only formats of this type are refused, such as `json_schema`; all when left out
   */
  refusesResponseFormat: (reply: ModelReply, type?: string): ModelReply => ({
    kind: 'refuses_response_format',
    type,
    reply,
  }),
} as const;
