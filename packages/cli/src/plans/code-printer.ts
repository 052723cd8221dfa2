/** Prints TypeScript in the style of prettier: single quotes, two spaces per level, 80 columns. */
import { isJsonObject } from '@orra-ts/protocol';

const WIDTH = 80;
const STEP = 2;
const IDENTIFIER = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;

/** Characters that would end a literal, control an editor or a terminal, or are invalid in UTF-8. */
const UNSAFE =
  // eslint-disable-next-line no-control-regex -- the characters to escape
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A string literal, with the quotes that need fewer escapes. */
export function stringLiteral(text: string): string {
  const count = (mark: string): number => text.split(mark).length - 1;
  const quote = count("'") > count('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(UNSAFE, (char) => SHORT_ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `${quote}${escaped}${quote}`;
}

/** `.name`, or `['name']` if the name is not an identifier. */
export const memberAccess = (name: string): string => (IDENTIFIER.test(name) ? `.${name}` : `[${stringLiteral(name)}]`);

/** Property name in a type. */
export const propertyName = (name: string): string => (IDENTIFIER.test(name) ? name : stringLiteral(name));

/** Key in an object literal, where `__proto__: x` would set the prototype. */
const objectKey = (name: string): string => (name === '__proto__' ? "['__proto__']" : propertyName(name));

export const indentation = (level: number): string => ' '.repeat(level * STEP);

/** Whether the code fits on the line if it starts at this column and is followed by one character. */
export const fitsLine = (code: string, column: number): boolean => !code.includes('\n') && column + code.length < WIDTH;

/** Prints a value that starts at this column of a line at this indentation level. */
export type Print = (level: number, column: number) => string;

/** @param entries names and printers of their values */
export function objectCode(entries: readonly (readonly [string, Print])[]): Print {
  return (level) => {
    if (entries.length === 0) return '{}';
    const lines = entries.map(([name, print]) => {
      const key = `${indentation(level + 1)}${objectKey(name)}:`;
      const code = print(level + 1, key.length + 1);
      // As in prettier, strings and references that do not fit move to the next line, unless the key is very short.
      const isMoved = !/^[[{(]|\n/.test(code) && !fitsLine(code, key.length + 1) && objectKey(name).length > STEP;
      return isMoved ? `${key}\n${indentation(level + 2)}${code},` : `${key} ${code},`;
    });
    return `{\n${lines.join('\n')}\n${indentation(level)}}`;
  };
}

/** @param mustBreak print one item per line; prettier does so for several objects or arrays with several members */
export function arrayCode(items: readonly Print[], mustBreak = false): Print {
  return (level, column) => {
    if (items.length === 0) return '[]';
    const inline = `[${items.map((print) => print(level, column)).join(', ')}]`;
    if (!mustBreak && fitsLine(inline, column)) return inline;
    const lines = items.map((print) => `${indentation(level + 1)}${print(level + 1, (level + 1) * STEP)},`);
    return `[\n${lines.join('\n')}\n${indentation(level)}]`;
  };
}

/** Prints a JSON value as a literal. */
export function valueCode(value: unknown): Print {
  if (Array.isArray(value)) return arrayCode(value.map(valueCode), areBulky(value));
  if (isJsonObject(value)) return objectCode(Object.entries(value).map(([name, member]) => [name, valueCode(member)]));
  return () => scalarCode(value);
}

export const scalarCode = (value: unknown): string =>
  typeof value === 'string' ? stringLiteral(value) : JSON.stringify(value ?? null).replace('e+', 'e');

export function areBulky(items: readonly unknown[]): boolean {
  const isBulky = (item: unknown): boolean =>
    Array.isArray(item) ? item.length > 1 : isJsonObject(item) && Object.keys(item).length > 1;
  const isOneKind = items.every(Array.isArray) || items.every(isJsonObject);
  return items.length > 1 && isOneKind && items.every(isBulky);
}
