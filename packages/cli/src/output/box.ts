/** Boxes in the style of the Go CLI. They are open to the right, so that long lines are not truncated. */
import { displayWidth, escapeControlCharacters } from './terminal-string';

export const BOX_SIDE = '│ ';

export function box(title: string, lines: readonly string[]): string[] {
  return [`┌─ ${title}`, ...lines.map((line) => (line === '' ? '│' : BOX_SIDE + line)), '└─────'];
}

/** Lines of names and aligned values. Fields whose value is undefined are omitted. */
export function fields(entries: readonly (readonly [string, string | undefined])[]): string[] {
  const shown = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const widest = Math.max(0, ...shown.map(([name]) => displayWidth(name)));
  return shown.map(([name, value]) => `${name}: ${' '.repeat(widest - displayWidth(name))}${value}`);
}

/** Indented JSON over several lines, with escaped control characters. */
export function jsonLines(value: unknown): string[] {
  return JSON.stringify(value ?? null, undefined, 2)
    .split('\n')
    .map((line) => `  ${escapeControlCharacters(line)}`);
}
