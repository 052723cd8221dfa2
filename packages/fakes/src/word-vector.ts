/** Embeddings without a model: the same in every run, near for texts that share words, never equal for two texts. */
import { createHash } from 'node:crypto';

/** One a byte of SHA-512. */
const DIMENSIONS = 64;
/** Of the text as a whole, beside its words: enough to tell the order of words and their case, too little to matter more. */
const WHOLE_WEIGHT = 0.1;

/** A vector of length 1 with 64 dimensions; the empty text has one too. */
export function wordVector(text: string): number[] {
  const sum = new Array<number>(DIMENSIONS).fill(0);
  add(sum, text, WHOLE_WEIGHT);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) add(sum, word, 1);
  const length = Math.hypot(...sum);
  return sum.map((value) => value / length);
}

function add(sum: number[], text: string, weight: number): void {
  const hash = createHash('sha512').update(text).digest();
  // 127.5 is the middle of a byte: no word has a zero, and two words are near only by chance.
  for (const [index, byte] of hash.entries()) sum[index] = (sum[index] ?? 0) + weight * (byte - 127.5);
}
