/**
 * Reads request bodies by the original's rules (protocol page, section 1.1): one JSON value, whatever follows it is
 * ignored; member names in any letter case; null leaves a member at its zero value. The content type is never looked at.
 */
import { canonicalMembers, isJsonObject } from '@orra-ts/protocol';
import { JSON_MAX_DEPTH, isNestedTooDeep } from './json-depth';
import { WireFailure } from './wire-failure';

/** The first JSON value of a text. @throws WireFailure 400, in the original's words where they are simple */
export function decodeFirstValue(text: string): unknown {
  const value = firstValue(text);
  if (isNestedTooDeep(text, value)) throw undecodable(`the body is nested more than ${JSON_MAX_DEPTH} levels deep`);
  return value;
}

function firstValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Rare: nothing, a broken value, or something behind the value. Only now is it worth finding where the value ends.
  }
  const start = text.search(/[^ \t\r\n]/);
  if (start === -1) throw undecodable('EOF');
  const end = endOfValue(text, start);
  if (end === undefined) throw undecodable('unexpected EOF');
  try {
    return JSON.parse(text.slice(start, end));
  } catch (error) {
    throw undecodable(`the body is not JSON: ${(error as Error).message}`);
  }
}

/** Members of a decoded body with their canonical letter case; null and absent are the same: a zero value. */
export function membersOf(value: unknown, names: readonly string[], where = 'the body'): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (!isJsonObject(value)) throw undecodable(`json: ${where} must be an object, found ${kindOf(value)}`);
  return canonicalMembers(value, names);
}

/** A value that does not have the type its member needs. */
export const mismatch = (path: string, expected: string, found: unknown): WireFailure =>
  undecodable(`json: cannot unmarshal ${kindOf(found)} into ${path}, which takes ${expected}`);

export const undecodable = (message: string): WireFailure =>
  new WireFailure(400, { kind: 'invalid request error', code: 'Orra:JSONMarshalingFail', message });

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value;

/** Where the value that begins at `start` ends; undefined when the text ends first. */
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
