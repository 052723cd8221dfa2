/**
 * Parser of `--data`.
 *
 *   name:value     a string, even if it looks like a number or boolean or contains commas
 *   name:[…]       JSON, as is name:{…}
 *   name:=json     any JSON value: 5, true, null, "5"
 *
 * Unlike the Go CLI, commas do not make a list, because that would also split `{"a":1,"b":2}` and `Hello, world`. Write a
 * list as JSON.
 */
import { describeThrown } from '@orra-ts/common';
import { CliError } from './errors';

const SYNTAX_HINT = 'write name:value for a string, or name:=json for a number, a boolean, an array or an object';

/** @throws CliError `ORRA_INVALID_DATA`; the message contains the argument */
export function parseData(items: readonly string[]): Record<string, unknown> {
  // Object.fromEntries allows a field named `__proto__`.
  return Object.fromEntries(items.map(parseItem));
}

function parseItem(item: string): [string, unknown] {
  const colon = item.indexOf(':');
  if (colon === -1) {
    const [, name = '', value = ''] = /^([^=]*)=([^]*)$/.exec(item) ?? [];
    throw new CliError('ORRA_INVALID_DATA', `--data ${JSON.stringify(item)} has no colon`, {
      next: name === '' ? SYNTAX_HINT : `write ${name}:${value}`,
    });
  }
  if (colon === 0) {
    throw new CliError('ORRA_INVALID_DATA', `--data ${JSON.stringify(item)} has no name`, {
      next: SYNTAX_HINT,
    });
  }
  const name = item.slice(0, colon);
  const value = item.slice(colon + 1);
  if (value.startsWith('='))
    return [name, parseJson(name, value.slice(1), `write a string that begins with = as '${name}:="…"'`)];
  const isJson = /^\s*(\[[^]*\]|\{[^]*\})\s*$/.test(value);
  return [name, isJson ? parseJson(name, value, `write it as '${name}:="…"' if it is a string`) : value];
}

function parseJson(name: string, json: string, next: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw new CliError(
      'ORRA_INVALID_DATA',
      `--data ${name}: ${JSON.stringify(json)} is not JSON: ${describeThrown(cause)}`,
      {
        next: isPlainWord(json)
          ? `write a string without the =: ${name}:${json}`
          : `quote it for the shell, such as '${name}:=[1,2]'; ${next}`,
        cause,
      },
    );
  }
}

/** Whether the value contains no quotes or brackets that the shell could have changed. */
const isPlainWord = (json: string): boolean => json !== '' && !/[[\]{}"'\\]/.test(json);
