/**
 * Finds the JSON objects in a model's response: removes reasoning, then searches code fences if there are any, else
 * braces. Invalid JSON is repaired where the repair cannot lose content: quotes, commas, literals of other languages.
 * Runs in time linear in the length of any input (E8).
 */
import { isJsonObject } from '@orra-ts/protocol';
import { scanJson } from './json-scan';
import { repairJson } from './repair-json';
import { excerpt } from '../../domain/excerpt';

export interface FoundObjects {
  readonly objects: readonly Readonly<Record<string, unknown>>[];
  /** Why no object was found. */
  readonly problem: string;
}

/** Maximum number of candidate objects; a response with more is rejected. */
const MAX_CANDIDATES = 20;
/** Deeper than any plan, and shallow enough for recursive functions. */
const MAX_DEPTH = 100;
/** Maximum length for a repair, because its time grows faster than the length. */
const MAX_REPAIRED_LENGTH = 20_000;
const FENCE = '```';

/** @param resemblesPlanResponse objects for which it returns false are skipped */
export function findObjects(
  text: string,
  resemblesPlanResponse: (value: Readonly<Record<string, unknown>>) => boolean,
): FoundObjects {
  let problem = 'the response contains no JSON object; respond with exactly one and nothing else';
  const objects: Readonly<Record<string, unknown>>[] = [];
  const candidates = candidatesIn(withoutThinking(text));
  if (candidates.length > MAX_CANDIDATES) {
    return { objects, problem: 'the response contains many pieces in braces; respond with exactly one JSON object' };
  }
  for (const candidate of candidates) {
    const result = parseObject(candidate);
    if (typeof result === 'string') problem = result;
    else if (result && resemblesPlanResponse(result)) objects.push(result);
  }
  return { objects, problem };
}

const CLOSING_TAG = /<\/(?:think|thinking|reasoning)>/gi;

/**
 * Reasoning models write their reasoning first. Its opening tag may belong to the model's template, so the response
 * may contain only the closing one. A response that begins with JSON has no reasoning, even if its strings contain
 * such tags.
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

/** Yields at most one more candidate than is examined. */
function candidatesIn(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  let outside = '';
  while (found.length <= MAX_CANDIDATES) {
    const open = text.indexOf(FENCE, from);
    if (open < 0) break;
    const close = text.indexOf(FENCE, open + FENCE.length);
    outside += text.slice(from, open);
    // A fence that is not closed may contain the whole object, or the beginning of one.
    if (close < 0) {
      from = open + FENCE.length;
      break;
    }
    found.push(text.slice(open + FENCE.length, close));
    from = close + FENCE.length;
  }
  return [...found, ...bracedParts(outside + text.slice(from), MAX_CANDIDATES + 1 - found.length)];
}

/** Yields the parts from each opening brace to its closing brace. The last one may not be closed. */
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

/** Returns an object, a message that says why it is invalid, or undefined if the part is probably not JSON. */
function parseObject(text: string): Readonly<Record<string, unknown>> | string | undefined {
  const from = text.indexOf('{');
  if (from < 0) return undefined;
  const scan = scanJson(text, from, MAX_DEPTH);
  if (scan.isTooDeep) return `the JSON of the response is nested more than ${MAX_DEPTH} levels deep`;
  // Repairing a truncated response would produce an incomplete plan.
  if (scan.end === undefined) return 'the response was cut off: its JSON does not end';
  if (scan.repeated !== undefined) {
    return `the JSON of the response has the member "${excerpt(scan.repeated)}" twice in one object`;
  }
  const json = text.slice(from, scan.end);
  try {
    return objectOf(JSON.parse(json));
  } catch (error) {
    const invalid = `the response is not valid JSON: ${excerpt((error as Error).message, 200)}`;
    if (scan.hasOmissions) return `${invalid}; write all of it out, without comments and ellipses`;
    if (json.length > MAX_REPAIRED_LENGTH) return invalid;
    const quoted = scan.hasSingleQuotes ? withDoubleQuotes(json) : json;
    if (quoted === undefined) return `${invalid}; put strings in double quotes`;
    try {
      return objectOf(JSON.parse(repairJson(quoted)));
    } catch {
      return invalid;
    }
  }
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  isJsonObject(value) ? value : undefined;

/** Returns undefined if it is unclear which quote ends a string, because guessing would change the string. */
function withDoubleQuotes(json: string): string | undefined {
  const quoted = json.replace(/'([^'"\\\n]*)'(?=\s*[:,\]}])/g, '"$1"');
  return scanJson(quoted, 0, MAX_DEPTH).hasSingleQuotes || /'/.test(quoted.replace(/"(?:[^"\\]|\\.)*"/g, ''))
    ? undefined
    : quoted;
}
