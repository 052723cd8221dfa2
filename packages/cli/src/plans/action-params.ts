/**
 * Converts a submitted action into the action of a plan: data values that occur in it as whole words become `{field}`, so
 * that the plan also runs for other values.
 */

/** Engines do not accept longer params. Such values belong into the data. */
const MAX_PARAM_LENGTH = 200;
/** Syntax of a param name. */
const PARAM_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const BRACES = /\{([^{}]*)\}/g;

/** In scripts without spaces between words, every character is a word boundary. */
const UNSPACED = ['Han', 'Hira', 'Kana', 'Thai', 'Laoo', 'Khmr', 'Mymr'].map((name) => `\\p{scx=${name}}`).join('');
const LETTER = `[[\\p{L}\\p{N}_]--[${UNSPACED}]]`;
/** Between letters and digits, these belong to the word: `17` does not match in `A-17`, nor `1` in `1.5`. */
const JOINT = '[\\-.:,\\/@+]';
const BEFORE = `(?<!${LETTER})(?<!${LETTER}${JOINT})`;
const AFTER = `(?!${LETTER})(?!${JOINT}${LETTER})`;

export interface ActionParams {
  /** The action with `{field}` instead of values. */
  readonly action: string;
  /** Fields that the action contains. */
  readonly names: readonly string[];
  /** Values in the action that match several fields and stay unchanged. */
  readonly ambiguous: readonly { readonly text: string; readonly fields: readonly string[] }[];
  /** `{words}` in the action that are not fields. An engine would read them as params. */
  readonly unknown: readonly string[];
}

interface Occurrence {
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
  const ambiguous: { text: string; fields: string[] }[] = [];
  const places: Occurrence[] = [...written];
  // Match the longest values first, so that `A-17 B` is not matched as `A-17`.
  for (const [text, fields] of [...fieldsByText].sort(([a], [b]) => b.length - a.length)) {
    const free = occurrencesOf(text, action).filter(
      ({ start, end }) => !places.some((taken) => start < taken.end && taken.start < end),
    );
    if (free.length === 0) continue;
    const [field = '', ...others] = fields;
    if (others.length > 0) ambiguous.push({ text, fields });
    else if (PARAM_NAME.test(field)) places.push(...free.map((occurrence) => ({ ...occurrence, field })));
  }
  const replaced = places.length > written.length ? places.sort((a, b) => a.start - b.start) : written;
  const rest = replaced.reduceRight((text, { start, end }) => text.slice(0, start) + text.slice(end), action);
  const isOnlyParams = !/[\p{L}\p{N}]/u.test(rest);
  // An action without any word of its own would match every action.
  const kept = isOnlyParams ? written : replaced;
  return {
    action: kept.reduceRight(
      (text, { start, end, field }) => `${text.slice(0, start)}{${field}}${text.slice(end)}`,
      action,
    ),
    names: [...new Set(kept.map(({ field }) => field))].filter((field) => Object.hasOwn(data, field)),
    ambiguous,
    unknown: written.map(({ field }) => field).filter((field) => !Object.hasOwn(data, field)),
  };
}

/** String form of a value in an action; undefined for values that are not replaced. */
function searchString(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const text = String(value);
  return text.trim() === text && text !== '' && text.length <= MAX_PARAM_LENGTH ? text : undefined;
}

function occurrencesOf(text: string, action: string): { start: number; end: number }[] {
  const escaped = text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  // A sign belongs to the number that follows it.
  const before = /^\d/.test(text) ? `${BEFORE}(?<![\\-+])` : BEFORE;
  const pattern = new RegExp(`${before}${escaped}${AFTER}`, 'gv');
  return [...action.matchAll(pattern)].map(({ index }) => ({ start: index, end: index + text.length }));
}
