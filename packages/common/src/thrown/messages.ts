/** The message of one thrown value, without its causes. */
import { boundedJson } from './bounded-json';
import { isError, memberOf } from './members';
import { shortened } from './shortened';

/** Maximum bytes of one message. */
export const MAX_MESSAGE_BYTES = 8 * 1024;
const MAX_SHOWN_MEMBERS = 10;

/** Not empty, at most `MAX_MESSAGE_BYTES` long. */
export const messageOf = (thrown: unknown): string => shortened(fullMessageOf(thrown), MAX_MESSAGE_BYTES);

function fullMessageOf(thrown: unknown): string {
  if (typeof thrown === 'function') return 'a function was thrown';
  if (thrown === null || thrown === undefined) return `${String(thrown)} was thrown`;
  if (typeof thrown !== 'object') return textOf(thrown) ?? 'an empty string was thrown';
  const message = textOf(memberOf(thrown, 'message'));
  if (message !== undefined) return message;
  if (isError(thrown)) return textOf(memberOf(thrown, 'name')) ?? 'Error';
  return `an object without a message was thrown${membersText(thrown)}`;
}

/** Only the names: the values may be confidential. */
function membersText(thrown: object): string {
  try {
    const names = Object.keys(thrown);
    if (names.length === 0) return '';
    const more = names.length > MAX_SHOWN_MEMBERS ? ', ...' : '';
    return ` (its members: ${names.slice(0, MAX_SHOWN_MEMBERS).join(', ')}${more})`;
  } catch {
    return ', and it cannot be read';
  }
}

/** Returns the string form of a message, name or code of any type; undefined if it has none. */
export function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value.trim() === '' ? undefined : value;
    case 'undefined':
    case 'function':
      return undefined;
    case 'object': {
      const encoded = value === null ? undefined : boundedJson(value, MAX_MESSAGE_BYTES);
      return encoded?.ok === true ? encoded.json : undefined;
    }
    case 'number':
    case 'boolean':
    case 'bigint':
    case 'symbol':
      return String(value);
  }
}
