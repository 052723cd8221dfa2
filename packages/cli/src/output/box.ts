/** Boxes, as the original draws them: open to the right, so that long texts need no cutting. */
import { displayWidth, escapeControlCharacters } from './terminal-string';

export const BOX_SIDE = '│ ';

export function box(title: string, lines: readonly string[]): string[] {
  return [`┌─ ${title}`, ...lines.map((line) => (line === '' ? '│' : BOX_SIDE + line)), '└─────'];
}

/** Names and values, the values below each other. Fields whose value is undefined are left out. */
export function fields(entries: readonly (readonly [string, string | undefined])[]): string[] {
  const shown = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const widest = Math.max(0, ...shown.map(([name]) => displayWidth(name)));
  return shown.map(([name, value]) => `${name}: ${' '.repeat(widest - displayWidth(name))}${value}`);
}

/** JSON over several lines, moved in, without anything that steers a terminal. */
export function jsonLines(value: unknown): string[] {
  return JSON.stringify(value ?? null, undefined, 2)
    .split('\n')
    .map((line) => `  ${escapeControlCharacters(line)}`);
}
