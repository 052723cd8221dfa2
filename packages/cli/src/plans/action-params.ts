/**
 * From the action as it was asked for to the text of a plan: values that stand in it as words of their own become
 * `{field}`, so that the plan runs for other values, too.
 */

/** Longer ones are no params to an engine: they belong into the data. */
const MAX_PARAM_LENGTH = 200;
/** What an engine reads as a param. */
const PARAM_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const BRACES = /\{([^{}]*)\}/g;

/** Scripts without blanks between words have an edge at every character. */
const UNSPACED = ['Han', 'Hira', 'Kana', 'Thai', 'Laoo', 'Khmr', 'Mymr'].map((name) => `\\p{scx=${name}}`).join('');
const LETTER = `[[\\p{L}\\p{N}_]--[${UNSPACED}]]`;
/** Between letters and digits these belong to the word: `17` is none of `A-17`, nor `1` of `1.5`. */
const JOINT = '[\\-.:,\\/@+]';
const BEFORE = `(?<!${LETTER})(?<!${LETTER}${JOINT})`;
const AFTER = `(?!${LETTER})(?!${JOINT}${LETTER})`;

export interface ActionParams {
  /** The action with `{field}` in place of values. */
  readonly action: string;
  /** Fields that it has. */
  readonly names: readonly string[];
  /** Values that stand in the action and may be of several fields: left as they are. */
  readonly undecided: readonly { readonly text: string; readonly fields: readonly string[] }[];
  /** `{words}` of the action that are no field: an engine would take them for params. */
  readonly unknown: readonly string[];
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly field: string;
}

export function actionParams(action: string, data: Readonly<Record<string, unknown>>): ActionParams {
  const written = [...action.matchAll(BRACES)].map(({ 0: text, 1: field = '', index }) => ({
    start: index,
    end: index + text.length,
    field,
  }));
  const fieldsByText = new Map<string, string[]>();
  for (const [field, value] of Object.entries(data)) {
    const text = searchString(value);
    if (text !== undefined) fieldsByText.set(text, [...(fieldsByText.get(text) ?? []), field]);
  }
  const undecided: { text: string; fields: string[] }[] = [];
  const places: Place[] = [...written];
  // The longest first: `A-17 B` is not to be taken for `A-17`.
  for (const [text, fields] of [...fieldsByText].sort(([a], [b]) => b.length - a.length)) {
    const free = occurrencesOf(text, action).filter(
      ({ start, end }) => !places.some((taken) => start < taken.end && taken.start < end),
    );
    if (free.length === 0) continue;
    const [field = '', ...others] = fields;
    if (others.length > 0) undecided.push({ text, fields });
    else if (PARAM_NAME.test(field)) places.push(...free.map((place) => ({ ...place, field })));
  }
  const made = places.length > written.length ? places.sort((a, b) => a.start - b.start) : written;
  const rest = made.reduceRight((text, { start, end }) => text.slice(0, start) + text.slice(end), action);
  const isOnlyParams = !/[\p{L}\p{N}]/u.test(rest);
  // Without a word of its own it would be the plan of every action.
  const kept = isOnlyParams ? written : made;
  return {
    action: kept.reduceRight(
      (text, { start, end, field }) => `${text.slice(0, start)}{${field}}${text.slice(end)}`,
      action,
    ),
    names: [...new Set(kept.map(({ field }) => field))].filter((field) => Object.hasOwn(data, field)),
    undecided,
    unknown: written.map(({ field }) => field).filter((field) => !Object.hasOwn(data, field)),
  };
}

/** How a value would stand in a text; undefined for what stands in none. */
function searchString(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const text = String(value);
  return text.trim() === text && text !== '' && text.length <= MAX_PARAM_LENGTH ? text : undefined;
}

function occurrencesOf(text: string, action: string): { start: number; end: number }[] {
  const escaped = text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  // A sign belongs to the number behind it.
  const before = /^\d/.test(text) ? `${BEFORE}(?<![\\-+])` : BEFORE;
  const pattern = new RegExp(`${before}${escaped}${AFTER}`, 'gv');
  return [...action.matchAll(pattern)].map(({ index }) => ({ start: index, end: index + text.length }));
}
