/** Finds the services nearest to an action. Used only in messages, never to select one. */
import { similarity, wordsOf } from './action-text';
import { memoize } from './memoize';
import type { PlannableService } from '../domain/plan/plan-services';

const MOST = 3;

/** Returns at most three names, nearest first: those that a model named if they exist, else those with common words. */
export function nearestServices(
  action: string,
  services: readonly PlannableService[],
  named: readonly string[] = [],
): string[] {
  const known = named.flatMap((label) => services.find(({ id, name }) => name === label || id === label)?.name ?? []);
  const chosen = known.length > 0 ? known : byWords(action, services);
  return [...new Set(chosen)].slice(0, MOST);
}

const wordsOfService = memoize(({ name, description }: PlannableService) =>
  wordsOf(`${name.replace(/[.-]/g, ' ')} ${description}`),
);

function byWords(action: string, services: readonly PlannableService[]): string[] {
  const words = wordsOf(action);
  return services
    .map((service) => ({ name: service.name, similarity: similarity(wordsOfService(service), words) }))
    .filter((candidate) => candidate.similarity > 0)
    .sort((a, b) => b.similarity - a.similarity)
    .map(({ name }) => name);
}
