/**
 * Whether a plan can do what its use case requires: every capability is covered by one service of the plan. A service
 * covers it by words when all words of the capability occur in what the service says of itself; likeness that stops short
 * of that proves nothing. What words do not show, a model may claim for a service of its plan, and that is told apart.
 */
import type { Spec } from '@orra-ts/protocol';
import type { GroundingHit, ResolvedPlan } from '../domain/events';
import { ProblemList, excerpt, type PlanProblem } from '../domain/plan-problems';
import { capabilityWords, saidIn, type SaidWords } from './capability-words';

/** What a model says of its own plan. */
export interface CoverageClaim {
  readonly capability: string;
  /** Id or name. */
  readonly service: string;
}

/** A service, and what it says of itself. */
interface Describing {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly schema: { readonly input: Spec; readonly output: Spec };
}

export type Coverage = NonNullable<GroundingHit['coverage']>;

export interface CoverageCheck {
  /** Of the capabilities that are covered, in the use case's order. */
  readonly coverage: Coverage;
  /** One for every capability that is not. */
  readonly problems: readonly PlanProblem[];
}

const MAX_NAMED = 10;

/** @param services of the project: those beside the plan's are named where their words would cover what is missing */
export function coverageProblems(
  { useCase: { capabilities } }: GroundingHit,
  plan: ResolvedPlan,
  claims: readonly CoverageClaim[],
  services: readonly Describing[],
): CoverageCheck {
  const planned = plannedServices(plan).map(withWords);
  const plannedIds = new Set(planned.map(({ service }) => service.id));
  let others: readonly Worded[] | undefined;
  const coverage: Coverage[number][] = [];
  const problems = new ProblemList();
  for (const capability of new Set(capabilities)) {
    const words = capabilityWords(capability);
    const covering = planned.find(({ said }) => said.cover(words));
    const claimed =
      covering ?? planned.find(({ service }) => claims.some((claim) => isFor(claim, capability, service)));
    if (claimed) {
      coverage.push({ capability, service: claimed.service.name, by: covering ? 'words' : 'model' });
      continue;
    }
    others ??= services.filter(({ id }) => !plannedIds.has(id)).map(withWords);
    const wouldCover = others.filter(({ said }) => said.cover(words)).map(({ service }) => service.name);
    problems.add(describeMissing(capability, planned, wouldCover));
  }
  return { coverage, problems: problems.found };
}

interface Worded {
  readonly service: Describing;
  readonly said: SaidWords;
}

const withWords = (service: Describing): Worded => ({ service, said: saidIn(textsOf(service)) });

/** Name, description, and the descriptions of all fields. */
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

/** Each once, as they were when the plan was made. */
function plannedServices({ tasks }: ResolvedPlan): Describing[] {
  const byId = new Map<string, Describing>();
  for (const { serviceId, serviceName, capability, inputSpec, outputSpec } of tasks) {
    const schema = { input: inputSpec, output: outputSpec };
    byId.set(serviceId, { id: serviceId, name: serviceName, description: capability, schema });
  }
  return [...byId.values()];
}

/** Models write a capability and an id in their own case and spacing. */
const isFor = (claim: CoverageClaim, capability: string, { id, name }: Describing): boolean => {
  const service = claim.service.trim();
  return (service === name || service.toLowerCase() === id) && plainly(claim.capability) === plainly(capability);
};

const plainly = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();

function describeMissing(capability: string, planned: readonly Worded[], wouldCover: readonly string[]): string {
  const shown = planned
    .slice(0, MAX_NAMED)
    .map(({ service: { name, description } }) => `${name} (${excerpt(description, 80)})`);
  const more = planned.length > shown.length ? ` and ${planned.length - shown.length} more` : '';
  const names = [...new Set(wouldCover)].sort();
  const remedy =
    names.length > 0
      ? `it would be covered by ${names.slice(0, MAX_NAMED).join(', ')}`
      : 'no other service of the project says that it can do it either';
  return `no service of the plan says that it can do "${excerpt(capability, 100)}", which the use case requires; ${remedy}. The plan has ${shown.join(', ')}${more}`;
}
