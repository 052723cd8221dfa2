import type { Language } from '../dto/triage';
import { readData } from './data';

export interface Phrases {
  /** Words that identify the language. */
  readonly signs: readonly string[];
  readonly greeting: string;
  readonly refund: string;
  readonly closing: string;
}

export const phrases = readData<Readonly<Record<Language, Phrases>>>('phrases');
