/** Reads the body of a request, up to a maximum size (E8). */
import type { Context } from 'hono';
import { WireFailure } from './wire-failure';

/** @throws WireFailure 413 when the body has more than `maxBytes` */
export async function readBody(context: Context, maxBytes: number): Promise<string> {
  const announced = context.req.header('content-length');
  if (announced !== undefined) {
    if (Number(announced) > maxBytes) throw tooLarge(maxBytes);
    // Node passes on exactly the announced number of bytes.
    return context.req.text();
  }
  const { body } = context.req.raw;
  if (!body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const tooLarge = (maxBytes: number): WireFailure =>
  new WireFailure(413, {
    kind: 'invalid request error',
    message: `the request body is larger than ${maxBytes} bytes; send large data by reference, or raise \`maxBodyBytes\` of the engine`,
  });
