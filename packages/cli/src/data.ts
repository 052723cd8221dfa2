/**
 * Data of an action as the command line has it.
 *
 *   name:value     a text, as it stands: numbers, booleans and commas too
 *   name:[…]       JSON, as is name:{…}
 *   name:=json     any JSON value: 5, true, null, "5"
 *
 * The original makes a list of every value with a comma in it, also of `{"a":1,"b":2}` and of `Hello, world`; that is not
 * copied. A list is written as JSON.
 */
import { describeThrown } from '@orra-ts/common';
import { CliError } from './errors';

const SYNTAX_HINT = 'write name:value for a string, or name:=json for a number, a boolean, an array or an object';

/** @throws CliError `ORRA_INVALID_DATA` naming the argument */
export function parseData(items: readonly string[]): Record<string, unknown> {
  // From entries, so that a field may be named `__proto__`.
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

/** Words and the like, in which no shell has taken a quote or a bracket apart. */
const isPlainWord = (json: string): boolean => json !== '' && !/[[\]{}"'\\]/.test(json);
