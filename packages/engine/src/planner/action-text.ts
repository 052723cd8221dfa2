/**
 * Matches actions against the action templates of defined plans: `Ship order {orderId}` matches `ship order A-17!` and
 * takes `A-17` out of it. Matching runs in time linear in the action's length for any action; it does not use regular
 * expressions that could backtrack.
 *
 * Template and action are first made canonical. Values are taken as they were written in the source.
 */

import { MAX_ACTION_LENGTH, canonicalText, type CanonicalText } from '../domain/plan/canonical-text';
/** Longer values belong in the submitted data; a match that long is unlikely to be meant as one value. */
export const MAX_PARAM_LENGTH = 200;

/** Maximum number of params in one template, more than a sentence can hold. */
const MAX_PARAMS = 50;
/** Maximum length of a template, in UTF-16 units: every action is compared with the templates of all plans (E8). */
const MAX_TEXT_LENGTH = 2_000;
/**
 * Divisions of an action that are examined, and those that a message lists; longer lists do not help the reader (E8).
 */
const MAX_WAYS = 64;
const MAX_READINGS = 5;

const PARAM = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
/**
 * Replaces each `{param}` while a template is made canonical. It is a noncharacter, so it does not occur in real
 * input.
 */
const MARK = '\uFFFF';
export type ActionMatch =
  /** Identical word for word, including any `{params}`. */
  | { readonly kind: 'verbatim' }
  | { readonly kind: 'params'; readonly params: Readonly<Record<string, string>> }
  /** The action can be divided among the params in more than one way. */
  | {
      readonly kind: 'ambiguous';
      readonly names: readonly string[];
      readonly readings: readonly string[];
      /** More readings exist than are listed. */
      readonly hasMore?: true;
    };

/** A plan's action template, prepared for matching. */
export interface ActionTemplate {
  /** The whole template in canonical form, including `{params}`. */
  readonly text: string;
  /** Names of the `{params}` in order, repeated names included. */
  readonly names: readonly string[];
  /** The canonical pieces between the params. */
  readonly pieces: readonly string[];
}

export const templateOf = (planText: string): ActionTemplate => ({
  text: canonicalText(planText).text,
  names: paramsOf(planText),
  pieces: canonicalText(planText.replaceAll(MARK, '').replace(PARAM, MARK)).text.split(MARK),
});

/** Returns the names of a template's `{params}` in order, repeated names included. */
export const paramsOf = (planText: string): string[] => [...planText.matchAll(PARAM)].map(([, name]) => name as string);

/** Returns why a string cannot be a plan's action; each message continues after the field's name. */
export function planTextProblems(planText: string): string[] {
  const { length } = planText;
  if (length > MAX_TEXT_LENGTH) {
    return [
      `has ${length} characters, at most ${MAX_TEXT_LENGTH} are allowed; values that differ from run to run belong in the data`,
    ];
  }
  const params = paramsOf(planText).length;
  return params > MAX_PARAMS ? [`has ${params} {params}, at most ${MAX_PARAMS} are allowed`] : [];
}

/** Matches an action against a plan's template. */
export function matchAction({ text, names, pieces }: ActionTemplate, action: CanonicalText): ActionMatch | undefined {
  if (text === action.text) return { kind: 'verbatim' };
  // Without a word of its own, the template would match every action.
  if (names.length === 0 || names.length > MAX_PARAMS || pieces.every((piece) => piece.trim() === '')) return undefined;
  const readings: (readonly string[])[] = [];
  let ways = 0;
  for (const values of divisions(pieces, action)) {
    if (++ways > MAX_WAYS) break;
    if (isReasonable(names, values)) readings.push(values);
  }
  const [reading, ...others] = readings;
  if (!reading) return undefined;
  if (others.length > 0 || ways > MAX_WAYS) {
    const shown = readings
      .slice(0, MAX_READINGS)
      .map((values) => names.map((name, index) => `${name} = "${values[index]}"`).join(', '));
    const hasMore = readings.length > MAX_READINGS || ways > MAX_WAYS;
    return { kind: 'ambiguous', names, readings: shown, hasMore: hasMore || undefined };
  }
  return { kind: 'params', params: Object.fromEntries(names.map((name, index) => [name, reading[index] as string])) };
}

/** No value is too long, and a repeated param has the same value each time. */
const isReasonable = (names: readonly string[], values: readonly string[]): boolean =>
  values.every(
    (value, index) => value.length <= MAX_PARAM_LENGTH && value === values[names.indexOf(names[index] ?? '')],
  );

/**
 * Yields every way to divide an action: the values between the pieces, with the first piece at the action's start and
 * the last at its end. The position of a piece does not restrict the others except in order, so greedy placement from
 * either side finds the outermost positions if a match exists. Every position between them and after the previous
 * piece leads to a complete division, so the search has no dead ends.
 */
function* divisions(pieces: readonly string[], action: CanonicalText): Generator<string[]> {
  const { text } = action;
  const [first = ''] = pieces;
  const last = pieces.at(-1) ?? '';
  const inner = pieces.slice(1, -1);
  const from = first.length;
  const to = text.length - last.length;
  if (to <= from || !text.startsWith(first) || !text.endsWith(last)) return;
  if (!mayBegin(action, from) || !mayEnd(action, to)) return;
  const leftmost = placeFromLeft(inner, action, from, to);
  const rightmost = placeFromRight(inner, action, from, to);
  if (!leftmost || !rightmost) return;
  yield* divide(0, from);

  function* divide(index: number, begin: number): Generator<string[]> {
    const piece = inner[index];
    if (piece === undefined) {
      yield [sliceOf(action, begin, to)];
      return;
    }
    const end = rightmost?.[index] ?? 0;
    let at = text.indexOf(piece, Math.max(begin + 1, leftmost?.[index] ?? 0));
    for (; at >= 0 && at <= end; at = text.indexOf(piece, at + 1)) {
      if (!mayStand(action, at, piece)) continue;
      for (const rest of divide(index + 1, at + piece.length)) yield [sliceOf(action, begin, at), ...rest];
    }
  }
}

/** A value has at least one character, so at least one character separates a piece from its neighbours. */
function placeFromLeft(
  pieces: readonly string[],
  action: CanonicalText,
  from: number,
  to: number,
): number[] | undefined {
  const places: number[] = [];
  let end = from;
  for (const piece of pieces) {
    let at = action.text.indexOf(piece, end + 1);
    while (at >= 0 && !mayStand(action, at, piece)) at = at < to ? action.text.indexOf(piece, at + 1) : -1;
    if (at < 0) return undefined;
    end = at + piece.length;
    if (end >= to) return undefined;
    places.push(at);
  }
  return places;
}

function placeFromRight(
  pieces: readonly string[],
  action: CanonicalText,
  from: number,
  to: number,
): number[] | undefined {
  const places: number[] = [];
  let begin = to;
  for (const piece of pieces.toReversed()) {
    const before = begin - 1 - piece.length;
    let at = before < 0 ? -1 : action.text.lastIndexOf(piece, before);
    while (at > 0 && !mayStand(action, at, piece)) at = action.text.lastIndexOf(piece, at - 1);
    if (at <= from) return undefined;
    begin = at;
    places.unshift(at);
  }
  return places;
}

const mayStand = (action: CanonicalText, at: number, piece: string): boolean =>
  mayEnd(action, at) && mayBegin(action, at + piece.length);

/** A value neither begins nor ends with whitespace, and does not split a character of the source. */
const mayBegin = (action: CanonicalText, at: number): boolean => action.text[at] !== ' ' && isCut(action, at);
const mayEnd = (action: CanonicalText, at: number): boolean => action.text[at - 1] !== ' ' && isCut(action, at);
const isCut = ({ text, starts }: CanonicalText, at: number): boolean =>
  at === 0 || at === text.length || starts[at] !== starts[at - 1] || text[at - 1] === ' ' || text[at] === ' ';

const sliceOf = ({ source, starts, ends }: CanonicalText, begin: number, end: number): string =>
  source.slice(starts[begin], ends[end - 1]);

/** Returns the share of words that two strings have in common, 0 to 1. Used only to name candidates. */
export function similarity(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let common = 0;
  for (const word of left) if (right.has(word)) common++;
  return common === 0 ? 0 : common / (left.size + right.size - common);
}

/** Returns the canonical words of a string, without `{params}`. */
export const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(canonicalText(text.slice(0, MAX_ACTION_LENGTH).replace(PARAM, ' ')).text.split(' ').filter(Boolean));
