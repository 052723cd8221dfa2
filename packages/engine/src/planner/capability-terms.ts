/**
 * The words of a capability and of what a service says of itself. Only the forms of one word are taken for each other
 * (`ships`, `shipping`, `shipped`); what merely means the same is for a model or a person to say. English forms and
 * function words are known; words of other languages have to be the same.
 */

/** Words that carry no meaning of their own here. Short on purpose: a word that is missing here has to be found. */
const FUNCTION_WORDS = new Set(
  'a an and are as at be by can do does for from has have if in into is it its of on or that the their them they this to which will with'.split(
    ' ',
  ),
);
const NEGATIONS = new Set('no not never none without cannot except unless nor'.split(' '));

/** The forms that a word can be one of; two words are the same when they share one. */
export type WordForms = readonly string[];

export interface SaidWords {
  /** All of the words are said; none is said where it is denied and the capability does not deny it as well. */
  cover(words: readonly WordForms[]): boolean;
}

/** Those that carry meaning; all of them where none does. */
export function capabilityTerms(capability: string): readonly WordForms[] {
  const words = wordsOf(capability);
  const significant = words.filter((word) => !FUNCTION_WORDS.has(word));
  return (significant.length > 0 ? significant : words).map(formsOf);
}

/** Texts of one service: its words may be spread over them, as its fields say what its description leaves out. */
export function saidIn(texts: readonly string[]): SaidWords {
  const sentences = texts
    .flatMap((text) => text.split(/[.!?;](?=\s|$)|\n|\bbut\b/iu))
    .map((sentence) => {
      const words = wordsOf(sentence);
      return { forms: new Set(words.flatMap(formsOf)), denials: words.filter((word) => NEGATIONS.has(word)) };
    });
  return {
    cover(words) {
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

/** The word itself, and what it would be without an ending of English nouns and verbs. */
function formsOf(word: string): WordForms {
  const forms = new Set([word]);
  if (/[^aeiou]ies$|[^aeiou]ied$/.test(word)) forms.add(`${word.slice(0, -3)}y`);
  if (/(?:s|x|z|ch|sh|o)es$/.test(word)) forms.add(word.slice(0, -2));
  if (/[a-z]{2}s$/.test(word) && !/(?:s|u|i)s$/.test(word)) forms.add(word.slice(0, -1));
  if (word.endsWith('ing')) for (const base of basesOf(word.slice(0, -3))) forms.add(base);
  if (/[^e]ed$/.test(word)) for (const base of basesOf(word.slice(0, -2))) forms.add(base);
  return [...forms].filter((form) => form.length > 2 || form === word);
}

/** What a verb can be without its `-ing` or `-ed`. */
function basesOf(stem: string): string[] {
  if (!/[aeiouy]/.test(stem)) return [];
  // A short vowel would have doubled the consonant: `rating` is of `rate`, `shipping` of `ship`.
  if (/^[^aeiou]*[aeiou][^aeiouwxy]$/.test(stem)) return [`${stem}e`];
  const doubled = /([^aeiou])\1$/.test(stem);
  if (doubled) return [stem, stem.slice(0, -1)];
  return stem.endsWith('e') ? [stem] : [stem, `${stem}e`];
}
