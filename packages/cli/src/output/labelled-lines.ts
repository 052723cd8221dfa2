/** Lines inside a box that wrap if the terminal is too narrow. */
import { BOX_SIDE } from './box';
import type { Style } from './output';
import { escapeControlCharacters, wrapTo } from './terminal-string';

export type LabelledValue = readonly [name: string, value: string | undefined, colour?: (text: string) => string];

/** Lines of names and aligned values. Long values wrap below their start. */
export function labelledLines(entries: readonly LabelledValue[], style: Style): string[] {
  const shown = entries.filter(([, value]) => value !== undefined);
  const widest = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.flatMap(([name, value = '', colour]) =>
    hangingIndent(`${name}: ${' '.repeat(widest - name.length)}`, value, style, 0, colour),
  );
}

/** Text after `mark`. Wrapped lines are aligned with the start of the text. */
export function hangingIndent(
  mark: string,
  text: string,
  style: Style,
  indent = 0,
  colour: (text: string) => string = String,
): string[] {
  const maxWidth = contentWidth(style);
  const lines = wrapTo(
    escapeControlCharacters(text),
    maxWidth === undefined ? undefined : Math.max(20, maxWidth - indent - mark.length),
  );
  return lines.map((line, i) => `${' '.repeat(indent)}${i === 0 ? mark : ' '.repeat(mark.length)}${colour(line)}`);
}

export const contentWidth = ({ width }: Style): number | undefined =>
  width === undefined ? undefined : width - BOX_SIDE.length;
