/**
 * Compares the words of a capability with a service's description. Only inflections of the same word are equal
 * (`ships`, `shipping`, `shipped`); the engine does not know synonyms. English inflections and function words are
 * known; words of other languages must be identical.
 */

/** Words without a meaning of their own. The list is short on purpose: words that are not listed must be found. */
const FUNCTION_WORDS = new Set(
  'a an and are as at be by can do does for from has have if in into is it its of on or that the their them they this to which will with'.split(
    ' ',
  ),
);
const NEGATIONS = new Set('no not never none without cannot except unless nor'.split(' '));

/** The possible base forms of a word; two words are equal if they share one. */
export type WordForms = readonly string[];

export interface TermIndex {
  /**
   * Returns whether all words occur. A sentence that is negated counts only if the capability has the same negation.
   */
  covers(words: readonly WordForms[]): boolean;
}

/** Returns the words that carry meaning, or all words if none does. */
export function capabilityTerms(capability: string): readonly WordForms[] {
  const words = wordsOf(capability);
  const significant = words.filter((word) => !FUNCTION_WORDS.has(word));
  return (significant.length > 0 ? significant : words).map(formsOf);
}

/**
 * Indexes the strings of one service. The words may be spread over them, such as over its description and its fields.
 */
export function indexTerms(texts: readonly string[]): TermIndex {
  const sentences = texts
    .flatMap((text) => text.split(/[.!?;](?=\s|$)|\n|\bbut\b/iu))
    .map((sentence) => {
      const words = wordsOf(sentence);
      return { forms: new Set(words.flatMap(formsOf)), denials: words.filter((word) => NEGATIONS.has(word)) };
    });
  return {
    covers(words) {
      if (words.length === 0) return false;
      const wanted = new Set(words.flat());
      const usable = sentences.filter(({ denials }) => denials.every((denial) => wanted.has(denial)));
      return words.every((word) => usable.some(({ forms }) => word.some((form) => forms.has(form))));
    },
  };
}

const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/n['’]t\b/g, ' not')
    .replace(/['’]s\b/g, '')
    .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];

/** The word itself, and its forms without the endings of English nouns and verbs. */
function formsOf(word: string): WordForms {
  const forms = new Set([word]);
  if (/[^aeiou]ies$|[^aeiou]ied$/.test(word)) forms.add(`${word.slice(0, -3)}y`);
  if (/(?:s|x|z|ch|sh|o)es$/.test(word)) forms.add(word.slice(0, -2));
  if (/[a-z]{2}s$/.test(word) && !/(?:s|u|i)s$/.test(word)) forms.add(word.slice(0, -1));
  if (word.endsWith('ing')) for (const base of basesOf(word.slice(0, -3))) forms.add(base);
  if (/[^e]ed$/.test(word)) for (const base of basesOf(word.slice(0, -2))) forms.add(base);
  return [...forms].filter((form) => form.length > 2 || form === word);
}

/** The possible base forms of a verb without its `-ing` or `-ed`. */
function basesOf(stem: string): string[] {
  if (!/[aeiouy]/.test(stem)) return [];
  // After a short vowel the consonant would be doubled: `rating` comes from `rate`, `shipping` from `ship`.
  if (/^[^aeiou]*[aeiou][^aeiouwxy]$/.test(stem)) return [`${stem}e`];
  const doubled = /([^aeiou])\1$/.test(stem);
  if (doubled) return [stem, stem.slice(0, -1)];
  return stem.endsWith('e') ? [stem] : [stem, `${stem}e`];
}
