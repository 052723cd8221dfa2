import type { ServerResponse } from 'node:http';
import { withoutUndefined } from '@orra-ts/common';
import { GO_ERROR_MESSAGES } from '@orra-ts/protocol';

/** A response to send. */
export interface FakeHttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Overrides the `content-type` of `headers`. */
  readonly contentType?: string | undefined;
  /** A string is sent as it is; any other value as JSON with a line end. */
  readonly body?: unknown;
}

/** The Go engine's response to an unknown route. */
export const UNKNOWN_ROUTE: FakeHttpResponse = {
  status: 404,
  body: GO_ERROR_MESSAGES.plainNotFound,
};

/** @param defaults headers that the response may override */
export function sendResponse(
  response: ServerResponse,
  { status, headers, contentType, body }: FakeHttpResponse,
  defaults: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...defaults, ...headers, ...withoutUndefined({ 'content-type': contentType }) });
  response.end(body === undefined ? undefined : typeof body === 'string' ? body : `${JSON.stringify(body)}\n`);
}
