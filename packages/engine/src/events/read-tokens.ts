/**
 * Short-lived permission to follow one orchestration, for browsers, which must not have a project's key. A token contains
 * its expiry and is signed together with the id of the orchestration. Only the signing secret is stored.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@orra-ts/common';
import { READ_TOKEN_TTL_MS, type ReadToken } from '@orra-ts/protocol';

export class ReadTokens {
  constructor(
    private readonly secret: Uint8Array,
    private readonly clock: Clock,
  ) {}

  issue(orchestrationId: string): ReadToken {
    const expiresAt = this.clock.now() + READ_TOKEN_TTL_MS;
    const expiry = expiresAt.toString(36);
    const token = `${expiry}.${this.sign(orchestrationId, expiry).toString('base64url')}`;
    return { token, expiresAt: new Date(expiresAt).toISOString() };
  }

  isValid(orchestrationId: string, token: string): boolean {
    const [expiry = '', signature = '', ...rest] = token.split('.');
    const given = Buffer.from(signature, 'base64url');
    const expected = this.sign(orchestrationId, expiry);
    if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    return this.clock.now() < parseInt(expiry, 36);
  }

  private sign(orchestrationId: string, expiry: string): Buffer {
    return createHmac('sha256', this.secret).update(`read-orchestration ${orchestrationId} ${expiry}`).digest();
  }
}
