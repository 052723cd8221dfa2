/**
 * Checks whether a plan can do what its use case requires: each capability must be covered by one service of the
 * plan. A service covers a capability by words if all words of the capability occur in its name and descriptions;
 * partial similarity does not count. A model may claim other capabilities for a service of its plan; such claims are
 * marked.
 */
import type { Spec } from '@orra-ts/protocol';
import type { GroundingHit } from '../domain/orchestration/planning-record';
import { ProblemList, type PlanProblem } from '../domain/plan/plan-problems';
import { capabilityTerms, indexTerms, type TermIndex } from './capability-terms';
import { memoize } from './memoize';
import { excerpt } from '../domain/excerpt';
import type { ResolvedPlan } from '../domain/plan/resolved-plan';

/** A capability that the model claims for a service of its plan. */
export interface CoverageClaim {
  readonly capability: string;
  /** The service's id or name. */
  readonly service: string;
}

/** A service with its descriptions. */
interface Describing {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly schema: { readonly input: Spec; readonly output: Spec };
}

export type Coverage = NonNullable<GroundingHit['coverage']>;

export interface CoverageCheck {
  /** The covered capabilities in the use case's order. */
  readonly coverage: Coverage;
  /** One problem for each capability that is not covered. */
  readonly problems: readonly PlanProblem[];
}

const MAX_NAMED = 10;

/**
 * @param services all services of the project; those outside the plan are suggested if they cover a missing capability
 */
export function coverageProblems(
  { useCase: { capabilities } }: GroundingHit,
  plan: ResolvedPlan,
  claims: readonly CoverageClaim[],
  services: readonly Describing[],
): CoverageCheck {
  const planned = plannedServices(plan, services).map(withWords);
  const claimed = new Claims(claims);
  const plannedIds = new Set(planned.map(({ service }) => service.id));
  let others: readonly Worded[] | undefined;
  const coverage: Coverage[number][] = [];
  const problems = new ProblemList();
  for (const capability of new Set(capabilities)) {
    const words = capabilityTerms(capability);
    const covering = planned.find(({ terms }) => terms.covers(words));
    const found = covering ?? planned.find(({ service }) => claimed.include(capability, service));
    if (found) {
      coverage.push({ capability, service: found.service.name, by: covering ? 'words' : 'model' });
      continue;
    }
    if (problems.isFull) continue;
    others ??= services.filter(({ id }) => !plannedIds.has(id)).map(withWords);
    const wouldCover = others.filter(({ terms }) => terms.covers(words)).map(({ service }) => service.name);
    problems.add(describeMissing(capability, planned, wouldCover));
  }
  return { coverage, problems: problems.found };
}

interface Worded {
  readonly service: Describing;
  readonly terms: TermIndex;
}

/** Computed once per registered service, because its descriptions do not change until it is registered again (E8). */
const withWords = memoize((service: Describing): Worded => ({ service, terms: indexTerms(textsOf(service)) }));

/** Returns the name, the description, and the descriptions of all fields. */
function textsOf({ name, description, schema }: Describing): string[] {
  const texts = [name, description];
  const collect = ({ description: text, properties, items }: Spec): void => {
    if (typeof text === 'string') texts.push(text);
    for (const property of Object.values(properties ?? {})) collect(property);
    if (items) collect(items);
  };
  collect(schema.input);
  collect(schema.output);
  return texts;
}

/** Returns each service once, as it was when the plan was made. Uses the registered object if nothing has changed. */
function plannedServices({ tasks }: ResolvedPlan, services: readonly Describing[]): Describing[] {
  const registered = new Map(services.map((service) => [service.id, service]));
  const byId = new Map<string, Describing>();
  for (const { serviceId: id, serviceName: name, capability: description, inputSpec, outputSpec } of tasks) {
    const now = registered.get(id);
    const isSame =
      now?.name === name &&
      now.description === description &&
      now.schema.input === inputSpec &&
      now.schema.output === outputSpec;
    byId.set(id, isSame ? now : { id, name, description, schema: { input: inputSpec, output: outputSpec } });
  }
  return [...byId.values()];
}

/** Indexed, because a model may claim thousands (E8). Models change the case and spacing of capabilities and ids. */
class Claims {
  /** Names and ids of the claimed services, by capability. */
  private readonly named = new Map<string, Set<string>>();

  constructor(claims: readonly CoverageClaim[]) {
    for (const { capability, service } of claims) {
      const plain = normalized(capability);
      const names = this.named.get(plain) ?? new Set();
      const name = service.trim();
      this.named.set(plain, names.add(name).add(idOf(name)));
    }
  }

  include(capability: string, { id, name }: Describing): boolean {
    const names = this.named.get(normalized(capability));
    return names !== undefined && (names.has(name) || names.has(idOf(id)));
  }
}

/** Has a prefix so that an id never equals the name of another service. */
const idOf = (text: string): string => `id ${text.toLowerCase()}`;

const normalized = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();

function describeMissing(capability: string, planned: readonly Worded[], wouldCover: readonly string[]): string {
  const shown = planned
    .slice(0, MAX_NAMED)
    .map(({ service: { name, description } }) => `${name} (${excerpt(description, 80)})`);
  const more = planned.length > shown.length ? ` and ${planned.length - shown.length} more` : '';
  const names = [...new Set(wouldCover)].sort();
  const remedy =
    names.length > 0
      ? `it would be covered by ${names.slice(0, MAX_NAMED).join(', ')}`
      : 'no other service of the project describes it either';
  return `no service of the plan describes the capability "${excerpt(capability, 100)}", which the use case requires; ${remedy}. The plan has ${shown.join(', ')}${more}`;
}
