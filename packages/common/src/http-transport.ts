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

/**
 * Resolves with every answer, whatever its status. Redirects are not followed: a followed one would turn POST into GET.
 *
 * @throws OrraError `ORRA_UNREACHABLE` (retryable) when no answer came: refused, reset, timed out, unknown host
 * @throws the signal's reason when it is aborted
 */
export interface HttpTransport {
  request(request: HttpRequest): Promise<HttpResponse>;
}
