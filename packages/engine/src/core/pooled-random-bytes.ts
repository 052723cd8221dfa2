import { randomBytes } from 'node:crypto';
import type { RandomBytes } from '@orra-ts/protocol';

/** Draws from the system in blocks: an orchestration needs dozens of short ids, and each call to the system is expensive. */
export function pooledRandomBytes(poolBytes = 16_384): RandomBytes {
  let pool = new Uint8Array(0);
  let used = 0;
  return (size) => {
    if (used + size > pool.length) {
      pool = randomBytes(Math.max(poolBytes, size));
      used = 0;
    }
    used += size;
    return pool.subarray(used - size, used);
  };
}
