/**
 * Action texts of defined plans: `Ship order {orderId}` matches `ship order A-17!` and reads `A-17` from it. The time is
 * linear in the length of any action: it uses no regular expression that could backtrack.
 *
 * The canonical forms are compared, and values are read as they were written in the source.
 */

import { MAX_ACTION_LENGTH, canonicalText, type CanonicalText } from '../domain/plan/canonical-text';
/** Longer values belong into the submitted data: what is that long was rather not meant as one. */
export const MAX_PARAM_LENGTH = 200;

/** In one plan's text: above what a sentence can hold. */
const MAX_PARAMS = 50;
/** Maximum length of an action text in UTF-16 units: every action is compared with the texts of all plans (E8). */
const MAX_TEXT_LENGTH = 2_000;
/** Ways to divide an action that are looked at, and those that are told: more help nobody to choose (E8). */
const MAX_WAYS = 64;
const MAX_READINGS = 5;

const PARAM = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** Replaces a `{param}` while the canonical form is built. A noncharacter, which does not occur in real text. */
const MARK = '\uFFFF';
export type ActionMatch =
  /** Word for word; `{params}` too, if there are any. */
  | { readonly kind: 'verbatim' }
  | { readonly kind: 'params'; readonly params: Readonly<Record<string, string>> }
  /** The words can be divided among the params in more than one way. */
  | {
      readonly kind: 'ambiguous';
      readonly names: readonly string[];
      readonly readings: readonly string[];
      /** There are more than these. */
      readonly hasMore?: true;
    };

/** A plan's text, ready to be compared with actions. */
export interface ActionTemplate {
  /** Canonical, `{params}` and all. */
  readonly text: string;
  /** Names of the `{params}`, in order, possibly with duplicates. */
  readonly names: readonly string[];
  /** The canonical texts around them. */
  readonly pieces: readonly string[];
}

export const templateOf = (planText: string): ActionTemplate => ({
  text: canonicalText(planText).text,
  names: paramsOf(planText),
  pieces: canonicalText(planText.replaceAll(MARK, '').replace(PARAM, MARK)).text.split(MARK),
});

/** Names of the `{params}` of an action text, in order, possibly with duplicates. */
export const paramsOf = (planText: string): string[] => [...planText.matchAll(PARAM)].map(([, name]) => name as string);

/** Problems of an action text; each message continues the name of the field. */
export function planTextProblems(planText: string): string[] {
  const { length } = planText;
  if (length > MAX_TEXT_LENGTH) {
    return [
      `has ${length} characters, at most ${MAX_TEXT_LENGTH} are allowed; what differs from run to run belongs into the data`,
    ];
  }
  const params = paramsOf(planText).length;
  return params > MAX_PARAMS ? [`has ${params} {params}, at most ${MAX_PARAMS} are allowed`] : [];
}

/** Matches an action against a plan's text. */
export function matchAction({ text, names, pieces }: ActionTemplate, action: CanonicalText): ActionMatch | undefined {
  if (text === action.text) return { kind: 'verbatim' };
  // Without a word of its own it would match everything.
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

/** None too long, and one value for a param that stands twice. */
const isReasonable = (names: readonly string[], values: readonly string[]): boolean =>
  values.every(
    (value, index) => value.length <= MAX_PARAM_LENGTH && value === values[names.indexOf(names[index] ?? '')],
  );

/**
 * Every way to divide an action: the texts between the pieces, with the first piece at the action's start and the last at its
 * end. Where a piece may stand does not depend on the others, so placing greedily from either side finds the outermost
 * ways if there is any, and whatever lies between them and after the piece before can be gone on with: no way is a dead end.
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

/** A value has at least one character, so a piece stands at least one away from what is before and after it. */
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

/** A value does not begin or end with whitespace, nor inside a character of the source. */
const mayBegin = (action: CanonicalText, at: number): boolean => action.text[at] !== ' ' && isCut(action, at);
const mayEnd = (action: CanonicalText, at: number): boolean => action.text[at - 1] !== ' ' && isCut(action, at);
const isCut = ({ text, starts }: CanonicalText, at: number): boolean =>
  at === 0 || at === text.length || starts[at] !== starts[at - 1] || text[at - 1] === ' ' || text[at] === ' ';

const sliceOf = ({ source, starts, ends }: CanonicalText, begin: number, end: number): string =>
  source.slice(starts[begin], ends[end - 1]);

/** The share of words that two texts have in common, 0 to 1. Used only to suggest candidates in messages. */
export function similarity(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let common = 0;
  for (const word of left) if (right.has(word)) common++;
  return common === 0 ? 0 : common / (left.size + right.size - common);
}

/** Without `{params}`. */
export const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(canonicalText(text.slice(0, MAX_ACTION_LENGTH).replace(PARAM, ' ')).text.split(' ').filter(Boolean));
