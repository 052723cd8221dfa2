/**
 * Reads request bodies by the rules of the Go engine: one JSON value, and anything after it is ignored; member names in any
 * letter case; null leaves a member at its zero value. The content type is not checked.
 */
import { GO_ERROR_MESSAGES, canonicalMembers, isJsonObject } from '@orra-ts/protocol';
import { JSON_MAX_DEPTH, isNestedTooDeep } from './json-depth';
import { WireFailure } from './wire-failure';

/** Decodes the first JSON value of a string. @throws WireFailure 400, with the Go engine's message where it is simple */
export function decodeFirstValue(text: string): unknown {
  const value = firstValue(text);
  if (isNestedTooDeep(text, value)) throw undecodable(`the body is nested more than ${JSON_MAX_DEPTH} levels deep`);
  return value;
}

function firstValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Rare: an empty body, a malformed value, or something after the value. Only then is its end searched for.
  }
  const start = text.search(/[^ \t\r\n]/);
  if (start === -1) throw undecodable(GO_ERROR_MESSAGES.emptyBody);
  const end = endOfValue(text, start);
  if (end === undefined) throw undecodable(GO_ERROR_MESSAGES.truncatedBody);
  try {
    return JSON.parse(text.slice(start, end));
  } catch (error) {
    throw undecodable(`the body is not JSON: ${(error as Error).message}`);
  }
}

/** Returns the members of a decoded body in their canonical letter case. Null and absent are the same: a zero value. */
export function membersOf(value: unknown, names: readonly string[], where = 'the body'): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (!isJsonObject(value)) throw undecodable(`json: ${where} must be an object, found ${kindOf(value)}`);
  return canonicalMembers(value, names);
}

/** The error for a member with a value of the wrong type. */
export const mismatch = (path: string, expected: string, found: unknown): WireFailure =>
  undecodable(`json: cannot unmarshal ${kindOf(found)} into ${path}, which takes ${expected}`);

export const undecodable = (message: string): WireFailure =>
  new WireFailure(400, { kind: 'invalid request error', code: 'Orra:JSONMarshalingFail', message });

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value;

/** Finds the end of the value that begins at `start`; undefined when the string ends first. */
function endOfValue(text: string, start: number): number | undefined {
  const first = text[start];
  if (first !== '{' && first !== '[' && first !== '"') {
    const rest = /[\s,:{}[\]"]/.exec(text.slice(start + 1));
    return rest ? start + 1 + rest.index : text.length;
  }
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (!inString && depth === 0) return index + 1;
  }
  return undefined;
}
