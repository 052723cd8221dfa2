/** Pieces of TypeScript as prettier writes them with single quotes: two blanks a level, 80 columns. */
import { isJsonObject } from '@orra-ts/protocol';

const WIDTH = 80;
const STEP = 2;
const IDENTIFIER = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;

/** What would end the literal, steer an editor or a terminal, or not survive a file in UTF-8. */
const UNSAFE =
  // eslint-disable-next-line no-control-regex -- these are what must go
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text literal, in the quotes that need fewer escapes. */
export function stringLiteral(text: string): string {
  const count = (mark: string): number => text.split(mark).length - 1;
  const quote = count("'") > count('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(UNSAFE, (char) => SHORT_ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `${quote}${escaped}${quote}`;
}

/** `.name`, or what stands for it where that is no identifier. */
export const memberAccess = (name: string): string => (IDENTIFIER.test(name) ? `.${name}` : `[${stringLiteral(name)}]`);

/** Of a type. */
export const propertyName = (name: string): string => (IDENTIFIER.test(name) ? name : stringLiteral(name));

/** Of an object literal, where `__proto__: x` would set the prototype. */
const objectKey = (name: string): string => (name === '__proto__' ? "['__proto__']" : propertyName(name));

export const indentation = (level: number): string => ' '.repeat(level * STEP);

/** Whether a piece that begins in this column and is followed by one character fits. */
export const fitsLine = (code: string, column: number): boolean => !code.includes('\n') && column + code.length < WIDTH;

/** How a value is written that begins in this column of a line of this level. */
export type Print = (level: number, column: number) => string;

/** @param entries name and how its value is written */
export function objectCode(entries: readonly (readonly [string, Print])[]): Print {
  return (level) => {
    if (entries.length === 0) return '{}';
    const lines = entries.map(([name, print]) => {
      const key = `${indentation(level + 1)}${objectKey(name)}:`;
      const code = print(level + 1, key.length + 1);
      // Texts and references that do not fit go to a line of their own, unless the name is as short as a step.
      const isMoved = !/^[[{(]|\n/.test(code) && !fitsLine(code, key.length + 1) && objectKey(name).length > STEP;
      return isMoved ? `${key}\n${indentation(level + 2)}${code},` : `${key} ${code},`;
    });
    return `{\n${lines.join('\n')}\n${indentation(level)}}`;
  };
}

/** @param mustBreak several objects or lists with several members each stand below each other */
export function arrayCode(items: readonly Print[], mustBreak = false): Print {
  return (level, column) => {
    if (items.length === 0) return '[]';
    const inline = `[${items.map((print) => print(level, column)).join(', ')}]`;
    if (!mustBreak && fitsLine(inline, column)) return inline;
    const lines = items.map((print) => `${indentation(level + 1)}${print(level + 1, (level + 1) * STEP)},`);
    return `[\n${lines.join('\n')}\n${indentation(level)}]`;
  };
}

/** Plain JSON as a literal. */
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
