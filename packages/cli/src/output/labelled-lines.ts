/** Lines within a box that go on below themselves where the terminal is too narrow for them. */
import { BOX_SIDE } from './box';
import type { Style } from './output';
import { escapeControlCharacters, wrapTo } from './terminal-string';

export type LabelledValue = readonly [name: string, value: string | undefined, colour?: (text: string) => string];

/** Names and values below each other; long values go on below themselves. */
export function labelledLines(entries: readonly LabelledValue[], style: Style): string[] {
  const shown = entries.filter(([, value]) => value !== undefined);
  const widest = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.flatMap(([name, value = '', colour]) =>
    hangingIndent(`${name}: ${' '.repeat(widest - name.length)}`, value, style, 0, colour),
  );
}

/** Behind `mark`, and in the lines below it under its own beginning. */
export function hangingIndent(
  mark: string,
  text: string,
  style: Style,
  indent = 0,
  colour: (text: string) => string = String,
): string[] {
  const room = contentWidth(style);
  const lines = wrapTo(
    escapeControlCharacters(text),
    room === undefined ? undefined : Math.max(20, room - indent - mark.length),
  );
  return lines.map((line, i) => `${' '.repeat(indent)}${i === 0 ? mark : ' '.repeat(mark.length)}${colour(line)}`);
}

export const contentWidth = ({ width }: Style): number | undefined =>
  width === undefined ? undefined : width - BOX_SIDE.length;
