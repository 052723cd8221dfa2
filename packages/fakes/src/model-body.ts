/** Reads request bodies of a `FakeModel`. Errors carry the HTTP response to send. */
import type { IncomingMessage } from 'node:http';
import { isJsonObject } from '@orra-ts/protocol';
import { errorResponse, type ModelHttpResponse } from './model-response';

/** Larger than any prompt of the engine. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** An error that is sent as an HTTP response. */
export class ModelHttpError extends Error {
  constructor(
    status: number,
    message: string,
    code?: string,
    readonly response: ModelHttpResponse = errorResponse(status, { message, code }),
  ) {
    super(message);
  }
}

/** @throws ModelHttpError with status 413 above 10 MiB, and 400 when the body is not a JSON object */
export async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    // The rest is read and dropped: a client that still sends would get a connection error instead of the response.
    if (bytes > MAX_BODY_BYTES) chunks.length = 0;
    else chunks.push(chunk as Buffer);
  }
  if (bytes > MAX_BODY_BYTES) {
    throw new ModelHttpError(413, `the body has ${bytes} bytes: FakeModel accepts ${MAX_BODY_BYTES}`);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw new ModelHttpError(400, `the body is not JSON: ${(error as Error).message}`);
  }
  if (!isJsonObject(body)) throw new ModelHttpError(400, 'the body is not a JSON object');
  return body;
}
