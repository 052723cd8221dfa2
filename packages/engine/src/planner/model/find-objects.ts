/**
 * Finds the JSON objects in a response of a model: without its reasoning, in code fences if there are any, else between
 * braces. Invalid JSON is repaired if nothing can be lost: quotes, commas, literals of other languages. The time is linear
 * in the length of any response (E8).
 */
import { isJsonObject } from '@orra-ts/protocol';
import { scanJson } from './json-scan';
import { repairJson } from './repair-json';
import { excerpt } from '../../domain/excerpt';

export interface FoundObjects {
  readonly objects: readonly Readonly<Record<string, unknown>>[];
  /** Why there is none. */
  readonly problem: string;
}

/** Parts that could be the answer; more is no answer. */
const MAX_CANDIDATES = 20;
/** Deeper than any plan, and no danger to what walks it. */
const MAX_DEPTH = 100;
/** What is longer is not repaired: that takes a time that grows faster than the text. */
const MAX_REPAIRED_LENGTH = 20_000;
const FENCE = '```';

/** @param isLikeAnswer other objects are passed over */
export function findObjects(
  text: string,
  isLikeAnswer: (value: Readonly<Record<string, unknown>>) => boolean,
): FoundObjects {
  let problem = 'the answer holds no JSON object; answer with exactly one and nothing else';
  const objects: Readonly<Record<string, unknown>>[] = [];
  const candidates = candidatesIn(withoutThinking(text));
  if (candidates.length > MAX_CANDIDATES) {
    return { objects, problem: 'the answer holds many pieces in braces; answer with exactly one JSON object' };
  }
  for (const candidate of candidates) {
    const result = parseObject(candidate);
    if (typeof result === 'string') problem = result;
    else if (result && isLikeAnswer(result)) objects.push(result);
  }
  return { objects, problem };
}

const CLOSING_TAG = /<\/(?:think|thinking|reasoning)>/gi;

/**
 * Removes the reasoning that some models write first. If the opening tag is part of the model's template, only the closing
 * tag is in the response. A response that starts with the object itself has no reasoning.
 */
function withoutThinking(text: string): string {
  let from = beginOf(text, 0);
  CLOSING_TAG.lastIndex = from;
  while (!text.startsWith('{', from) && !text.startsWith(FENCE, from)) {
    if (!CLOSING_TAG.test(text)) break;
    from = beginOf(text, CLOSING_TAG.lastIndex);
  }
  return text.slice(from);
}

function beginOf(text: string, at: number): number {
  let from = at;
  while (from < text.length && text.charAt(from).trim() === '') from++;
  return from;
}

/** At most one more than are looked at. */
function candidatesIn(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  let outside = '';
  while (found.length <= MAX_CANDIDATES) {
    const open = text.indexOf(FENCE, from);
    if (open < 0) break;
    const close = text.indexOf(FENCE, open + FENCE.length);
    outside += text.slice(from, open);
    // A fence that is never closed may hold the whole answer, or the begin of one.
    if (close < 0) {
      from = open + FENCE.length;
      break;
    }
    found.push(text.slice(open + FENCE.length, close));
    from = close + FENCE.length;
  }
  return [...found, ...bracedParts(outside + text.slice(from), MAX_CANDIDATES + 1 - found.length)];
}

/** Parts from a brace to its closing brace. The last part may not be closed. */
function bracedParts(text: string, most: number): string[] {
  const parts: string[] = [];
  let from = text.indexOf('{');
  while (from >= 0 && parts.length < most) {
    const end = scanJson(text, from, MAX_DEPTH).end ?? text.length;
    parts.push(text.slice(from, end));
    from = text.indexOf('{', end);
  }
  return parts;
}

/** An object, a sentence about why it is none, or undefined for what is not meant as one. */
function parseObject(text: string): Readonly<Record<string, unknown>> | string | undefined {
  const from = text.indexOf('{');
  if (from < 0) return undefined;
  const scan = scanJson(text, from, MAX_DEPTH);
  if (scan.isTooDeep) return `the answer's JSON is nested more than ${MAX_DEPTH} levels deep`;
  // A repair of a truncated object would make a shorter plan.
  if (scan.end === undefined) return 'the answer was cut off: its JSON does not end';
  if (scan.repeated !== undefined) {
    return `the answer's JSON has the member "${excerpt(scan.repeated)}" twice in one object`;
  }
  const json = text.slice(from, scan.end);
  try {
    return objectOf(JSON.parse(json));
  } catch (error) {
    const invalid = `the answer is no JSON: ${excerpt((error as Error).message, 200)}`;
    if (scan.hasOmissions) return `${invalid}; write all of it out, without comments and dots`;
    if (json.length > MAX_REPAIRED_LENGTH) return invalid;
    const quoted = scan.hasSingleQuotes ? withDoubleQuotes(json) : json;
    if (quoted === undefined) return `${invalid}; put texts in double quotes`;
    try {
      return objectOf(JSON.parse(repairJson(quoted)));
    } catch {
      return invalid;
    }
  }
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  isJsonObject(value) ? value : undefined;

/** Undefined if it is ambiguous which quote ends a string: a guess could change the string. */
function withDoubleQuotes(json: string): string | undefined {
  const quoted = json.replace(/'([^'"\\\n]*)'(?=\s*[:,\]}])/g, '"$1"');
  return scanJson(quoted, 0, MAX_DEPTH).hasSingleQuotes || /'/.test(quoted.replace(/"(?:[^"\\]|\\.)*"/g, ''))
    ? undefined
    : quoted;
}
