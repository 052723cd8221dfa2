/**
 * Finds the use case of a project's groundings that matches an action. It needs no embeddings and no thresholds: use
 * cases are matched word for word as the templates of defined plans are, and `{params}` match any words in their
 * place.
 *
 * If several use cases match, the one with the most words beside its params is used, because it is the most specific.
 * Among equals it is the first by name of the grounding and then in the grounding's order.
 */
import type { Grounding, GroundingUseCase } from '@orra-ts/protocol';
import type { GroundingHit } from '../domain/orchestration/planning-record';
import { canonicalText, type CanonicalText, MAX_ACTION_LENGTH } from '../domain/plan/canonical-text';
import { similarity, matchAction, templateOf, wordsOf } from './action-text';
import { memoize } from './memoize';

/** Groundings may name their params freely, such as `{order id}`. */
const PARAM = /\{([^{}]+)\}/g;
const PLACEHOLDER = /^\{[^{}]*\}$/;

type Params = GroundingUseCase['params'];

/**
 * The `params` of the hit's use case are the values in the action. If there are none, because the action contains the
 * `{param}` itself or has more than one reading, the example values of the grounding are kept.
 */
export function matchGrounding(groundings: readonly Grounding[], action: string): GroundingHit | undefined {
  if (action.length > MAX_ACTION_LENGTH) return undefined;
  const canonical = canonicalText(action);
  let best: { readonly hit: GroundingHit; readonly words: number } | undefined;
  for (const grounding of [...groundings].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))) {
    for (const useCase of grounding.useCases) {
      const taken = valuesIn(canonical, useCase);
      const words = ownWords(useCase);
      if (taken && (!best || words > best.words)) best = { hit: hitOf(grounding, useCase, taken), words };
    }
  }
  return best?.hit;
}

/** Returns undefined if the use case does not match the action. */
function valuesIn(action: CanonicalText, useCase: GroundingUseCase): Params | undefined {
  const { text, names, template } = readyToMatch(useCase);
  if (text === action.text) return {};
  const match = matchAction(template, action);
  if (match?.kind !== 'params') return match && {};
  const values = names.map((name, index) => [name, match.params[`p${index}`] ?? ''] as const);
  return Object.fromEntries(values.filter(([, value]) => !PLACEHOLDER.test(value)));
}

const hitOf = (
  { name, domain, version, constraints }: Grounding,
  useCase: GroundingUseCase,
  taken: Params,
): GroundingHit => ({
  name,
  domain,
  version,
  useCase: { ...useCase, params: { ...useCase.params, ...taken } },
  constraints,
});

/** Stored use cases never change, and every action is compared with all of them (E8). */
const readyToMatch = memoize(({ action }: GroundingUseCase) => {
  const names: string[] = [];
  const plain = action.replace(PARAM, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `{p${names.indexOf(name)}}`;
  });
  return { text: canonicalText(action).text, names, template: templateOf(plain) };
});

const ownWords = memoize(
  ({ action }: GroundingUseCase): number =>
    canonicalText(action.replace(PARAM, ' ')).text.split(' ').filter(Boolean).length,
);

const wordsOfUseCase = memoize(({ action }: GroundingUseCase) => wordsOf(action));

/** Returns the use cases nearest to an action that none matches. Used only in messages. */
export function nearestUseCases(
  groundings: readonly Grounding[],
  action: string,
  count = 3,
): { readonly action: string; readonly grounding: string }[] {
  const words = wordsOf(action);
  return groundings
    .flatMap(({ name, useCases }) => useCases.map((useCase) => ({ useCase, grounding: name })))
    .map(({ useCase, grounding }) => ({
      useCase: { action: useCase.action, grounding },
      similarity: similarity(wordsOfUseCase(useCase), words),
    }))
    .filter((candidate) => candidate.similarity > 0)
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, count)
    .map(({ useCase }) => useCase);
}
