/** Reading what was sent to a `FakeModel`; what it does not take is thrown, with the answer that says so. */
import type { IncomingMessage } from 'node:http';
import { isJsonObject } from '@orra-ts/protocol';
import { errorAnswer, type HttpAnswer } from './model-answer';

/** Longer than any prompt of the engine, which is bounded too. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Thrown where a request cannot be served. */
export class Refusal extends Error {
  constructor(
    status: number,
    message: string,
    code?: string,
    readonly answer: HttpAnswer = errorAnswer(status, { message, code }),
  ) {
    super(message);
  }
}

/** @throws Refusal 413 above 10 MiB, 400 for what is no JSON object */
export async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    // The rest is read and forgotten: a client that still sends would see a broken connection instead of the answer.
    if (bytes > MAX_BODY_BYTES) chunks.length = 0;
    else chunks.push(chunk as Buffer);
  }
  if (bytes > MAX_BODY_BYTES) {
    throw new Refusal(413, `the body has ${bytes} bytes: FakeModel takes ${MAX_BODY_BYTES}`);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw new Refusal(400, `the body is not JSON: ${(error as Error).message}`);
  }
  if (!isJsonObject(body)) throw new Refusal(400, 'the body is not a JSON object');
  return body;
}
