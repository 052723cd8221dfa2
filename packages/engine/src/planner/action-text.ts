/** Action texts of defined plans: `Ship order {orderId}` matches `ship order A-17!` and takes `A-17` out of it. */

/** Case, runs of white space and punctuation at the ends of words do not tell actions apart. */
export function normaliseAction(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[.,;:!?"'()]+(?=\s|$)|(?<=\s|^)["'(]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}

const PARAM = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

export interface ActionMatch {
  /** Texts found in the place of `{params}`, as written in the action. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Matches an action against a plan's text. A `{param}` may stand for one or more words of the action, or for itself: an
 * action that repeats the plan's text word for word gives its values as data.
 */
export function matchAction(planText: string, action: string): ActionMatch | undefined {
  if (normaliseAction(planText) === normaliseAction(action)) return { params: {} };
  const names = [...planText.matchAll(PARAM)].map(([, name]) => name as string);
  if (names.length === 0) return undefined;
  // Parameters are taken from the text as written; only the words around them are compared without regard to case.
  const pieces = planText.split(/\{[A-Za-z_][A-Za-z0-9_]*\}/).map((piece) => {
    const words = normaliseAction(piece).split(' ').filter(Boolean).map(escapeRegExp);
    const inner = words.join('[\\s.,;:!?"\'()]+');
    const before = /^\s/.test(piece) ? '\\s+' : '';
    const after = /\s$/.test(piece) ? '\\s+' : '';
    return words.length === 0 ? (/\s/.test(piece) ? '\\s+' : '') : before + inner + after;
  });
  const pattern = `^[\\s"'(]*${pieces.join('(\\S(?:.*?\\S)?)')}[\\s.,;:!?"')]*$`;
  const match = new RegExp(pattern, 'isu').exec(action.normalize('NFKC').trim());
  if (!match) return undefined;
  const params: Record<string, string> = {};
  for (const [index, name] of names.entries()) params[name] = match[index + 1] as string;
  return { params };
}

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** How alike two actions are: the share of words they have in common, 0 to 1. Only ever used to name candidates. */
export function likeness(a: string, b: string): number {
  const words = (text: string): Set<string> =>
    new Set(normaliseAction(text.replace(PARAM, ' ')).split(' ').filter(Boolean));
  const left = words(a);
  const right = words(b);
  if (left.size === 0 || right.size === 0) return 0;
  let common = 0;
  for (const word of left) if (right.has(word)) common++;
  return common / (left.size + right.size - common);
}
