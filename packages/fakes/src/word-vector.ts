/** Embeddings without a model: deterministic, similar for inputs that share words, and different for different inputs. */
import { createHash } from 'node:crypto';

/** One dimension per byte of SHA-512. */
const DIMENSIONS = 64;
/** Weight of the whole input compared to a word: distinguishes word order and case, without a large effect. */
const WHOLE_WEIGHT = 0.1;

/** Returns a vector of length 1 with 64 dimensions, also for an empty string. */
export function wordVector(input: string): number[] {
  const sum = new Array<number>(DIMENSIONS).fill(0);
  add(sum, input, WHOLE_WEIGHT);
  for (const word of input.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) add(sum, word, 1);
  const length = Math.hypot(...sum);
  return sum.map((value) => value / length);
}

function add(sum: number[], part: string, weight: number): void {
  const hash = createHash('sha512').update(part).digest();
  // 127.5 is the middle of a byte, so no component is zero, and two words are similar only by coincidence.
  for (const [index, byte] of hash.entries()) sum[index] = (sum[index] ?? 0) + weight * (byte - 127.5);
}
