/** Signatures by Standard Webhooks (https://www.standardwebhooks.com): receivers verify them with any of its libraries. */
import { createHmac } from 'node:crypto';
import type { RandomBytes } from '@orra-ts/protocol';

const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 24;

export const mintWebhookSecret = (random: RandomBytes): string =>
  SECRET_PREFIX + Buffer.from(random(SECRET_BYTES)).toString('base64');

/** @param at time of this attempt, in milliseconds since 1970: receivers refuse old messages */
export function signatureHeaders(
  secret: string,
  id: string,
  at: number,
  body: string,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
