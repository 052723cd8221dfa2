/** The HTTP that clients of an engine need. Axios is one adapter (`@orra-ts/common/axios`). */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As received: decoding is the caller's. */
  readonly text: string;
}

/** An answer whose body is read as it comes. */
export interface HttpStream {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The body, read at the consumer's pace. Leaving the loop, or aborting the request's signal, closes the connection. A
   * connection that breaks before the body's end throws.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Resolves with every answer, whatever its status. Redirects are not followed: a followed one would turn POST into GET.
 *
 * @throws OrraError `ORRA_UNREACHABLE` (retryable) when no answer came: refused, reset, timed out, unknown host
 * @throws the signal's reason when it is aborted
 */
export interface HttpTransport {
  request(request: HttpRequest): Promise<HttpResponse>;
  /**
   * Like `request`, but resolves as soon as the answer begins; `timeoutMs` counts to that moment. A transport without it
   * can do everything but follow events, so its clients poll.
   */
  stream?(request: HttpRequest): Promise<HttpStream>;
}
