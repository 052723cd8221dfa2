/** The files of `data`, and how texts of customers are compared with them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const DATA = path.join(__dirname, '..', '..', 'data');

export const readData = <T>(name: string): T => JSON.parse(readFileSync(path.join(DATA, `${name}.json`), 'utf8')) as T;

/** How many of these words the text holds. */
export function wordsInCommon(text: string, words: readonly string[]): number {
  const said = new Set(text.toLowerCase().split(/[^\p{L}]+/u));
  return words.filter((word) => said.has(word)).length;
}
