/** Reads the files of `data`, and compares messages of customers with them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const DATA = path.join(__dirname, '..', '..', 'data');

export const readData = <T>(name: string): T => JSON.parse(readFileSync(path.join(DATA, `${name}.json`), 'utf8')) as T;

/** Counts the words of the list that the message contains. */
export function wordsInCommon(message: string, words: readonly string[]): number {
  const used = new Set(message.toLowerCase().split(/[^\p{L}]+/u));
  return words.filter((word) => used.has(word)).length;
}
