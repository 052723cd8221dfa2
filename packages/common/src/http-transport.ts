/** The HTTP functions that clients of an engine need. Axios is one adapter (`@orra-ts/common/axios`). */
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
  /** As received; the caller decodes it. */
  readonly text: string;
}

/** A response whose body is read while it arrives. */
export interface HttpStream {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The body, read at the consumer's pace. Leaving the loop, or aborting the signal of the request, closes the
   * connection. Throws when the connection breaks before the end of the body.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Resolves with any response, regardless of its status. Redirects are not followed: that would turn POST into GET.
 *
 * @throws OrraError `ORRA_UNREACHABLE` (retryable) without a response: refused, reset, timed out, unknown host
 * @throws the signal's reason when it is aborted
 */
export interface HttpTransport {
  request(request: HttpRequest): Promise<HttpResponse>;
  /**
   * Like `request`, but resolves when the headers of the response have arrived; `timeoutMs` ends at that moment. Clients
   * of a transport without it poll instead of following events.
   */
  stream?(request: HttpRequest): Promise<HttpStream>;
}
