/**
 * The canonical form of an action, in which equivalent actions are equal. Each character remembers its position in the
 * source, so that values can be taken as they were written.
 */

/**
 * Maximum length of an action in UTF-16 units; longer ones are rejected. Its canonical form takes 100 times its memory
 * (E8).
 */
export const MAX_ACTION_LENGTH = 10_000;
const CLOSING = new Set('.,;:!?"\'()\u3001\u3002');
const OPENING = new Set('"\'(\u00a1\u00bf');

export interface CanonicalText {
  readonly text: string;
  /** Start and end in the source for each UTF-16 unit of `text`. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly source: string;
}

/** Ignores case, width, runs of whitespace, and punctuation at the ends of words. */
export function canonicalText(source: string): CanonicalText {
  let text = '';
  const starts: number[] = [];
  const ends: number[] = [];
  const append = (unit: string, start: number, end: number): void => {
    text += unit;
    starts.push(start);
    ends.push(end);
  };
  for (const { 0: word, index } of source.matchAll(/\S+/gu)) {
    const units = unitsOf(word, index);
    let from = 0;
    let to = units.length;
    while (to > from && CLOSING.has(units[to - 1]?.unit ?? '')) to--;
    while (from < to && OPENING.has(units[from]?.unit ?? '')) from++;
    if (from === to) continue;
    if (text !== '') append(' ', index, index);
    for (const { unit, start, end } of units.slice(from, to)) append(unit, start, end);
  }
  return { text, starts, ends, source };
}

/** Folds character by character, so that each one keeps its position. */
function unitsOf(word: string, offset: number): { unit: string; start: number; end: number }[] {
  const units: { unit: string; start: number; end: number }[] = [];
  let start = offset;
  for (const character of word) {
    const end = start + character.length;
    const folded = folding(character);
    for (let i = 0; i < folded.length; i++) units.push({ unit: folded.charAt(i), start, end });
    start = end;
  }
  return units;
}

/** Typographic quotes, as keyboards and editors insert them. */
const QUOTES: ReadonlyMap<string, string> = new Map([
  ...Array.from('\u2018\u2019\u201a\u201b\u2039\u203a', (quote) => [quote, "'"] as const),
  ...Array.from('\u201c\u201d\u201e\u201f\u00ab\u00bb', (quote) => [quote, '"'] as const),
]);

/**
 * Decomposes, because composition depends on neighbouring characters; removes the whitespace of a few decompositions.
 * Converts to upper case first, because some letters have two lower-case forms.
 */
const folding = (character: string): string =>
  character < '\u0080'
    ? character.toLowerCase()
    : (QUOTES.get(character) ?? character.normalize('NFKD').toUpperCase().toLowerCase().replace(/\s/gu, ''));
