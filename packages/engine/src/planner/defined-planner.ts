/**
 * Runs a plan defined in code whose action matches. `{params}` in the action become data. This planner never guesses:
 * without a match it returns undefined, and `notActionable` names the nearest plans.
 */
import { isJsonObject, type DataField } from '@orra-ts/protocol';
import { compatibilityProblems } from '../domain/plan/plan-compatibility';
import { validatePlan } from '../domain/plan/plan-validation';
import { similarity, matchAction, templateOf, wordsOf, type ActionMatch } from './action-text';
import { memoize } from './memoize';
import { readParam } from './param-value';
import type { MatchablePlan, PlanRequest, Planner, PlanningOutcome } from './planner';
import { excerpt } from '../domain/excerpt';
import { describeProblems, type PlanProblem } from '../domain/plan/plan-problems';
import { MAX_ACTION_LENGTH, canonicalText } from '../domain/plan/canonical-text';

/** Maximum number of matching plans that a message names (E8). */
const MAX_NAMED = 20;

/** Stored plans never change, and every action is compared with all of them (E8). */
const templateOfPlan = memoize(({ action }: MatchablePlan) => templateOf(action));
const wordsOfPlan = memoize(({ action }: MatchablePlan) => wordsOf(action));

interface Candidate {
  readonly plan: MatchablePlan;
  readonly match: ActionMatch;
}

export const definedPlanner: Planner = {
  plan(request) {
    const candidates = candidatesFor(request);
    const [only, ...others] = candidates;
    if (!only) return undefined;
    if (others.length > 0) {
      const names = candidates
        .slice(0, MAX_NAMED)
        .map(({ plan }) => `"${plan.name}" (${excerpt(plan.action)})`)
        .join(', ');
      const more = candidates.length > MAX_NAMED ? `, and ${candidates.length - MAX_NAMED} more` : '';
      return { kind: 'not_actionable', reason: `more than one defined plan matches this action: ${names}${more}` };
    }
    return run(only, request);
  },
};

function candidatesFor({ action, definedPlans }: PlanRequest): Candidate[] {
  if (action.length > MAX_ACTION_LENGTH) return [];
  const canonical = canonicalText(action);
  const candidates = definedPlans.flatMap((plan) => {
    const match = matchAction(templateOfPlan(plan), canonical);
    return match ? [{ plan, match }] : [];
  });
  // An action that equals a plan's template word for word means that plan, even if a `{param}` of another plan also
  // matches.
  const verbatim = candidates.filter(({ match }) => match.kind === 'verbatim');
  return verbatim.length > 0 ? verbatim : candidates;
}

function run({ plan, match }: Candidate, request: PlanRequest): PlanningOutcome {
  const changes = compatibilityProblems(plan, request.services);
  if (changes.length > 0) return stale(plan, changes);
  const submitted = request.data ?? [];
  const isSubmitted = (name: string): boolean => submitted.some(({ field }) => field === name);
  if (match.kind === 'ambiguous' && !match.names.every(isSubmitted)) {
    const readings = match.readings.join(' or ') + (match.hasMore ? ' or others' : '');
    return {
      kind: 'not_actionable',
      reason: `the plan "${plan.name}" (${excerpt(plan.action)}) can read this action in more than one way: ${readings}; submit the values as data`,
    };
  }
  // Submitted data take precedence over values in the action.
  const params = match.kind === 'params' ? Object.entries(match.params) : [];
  const properties = isJsonObject(plan.input['properties']) ? plan.input['properties'] : {};
  const taken: DataField[] = [];
  const problems: PlanProblem[] = [];
  for (const [field, text] of params) {
    if (isSubmitted(field)) continue;
    const reading = readParam(text, Object.hasOwn(properties, field) ? properties[field] : undefined);
    if (reading.ok) taken.push({ field, value: reading.value });
    else problems.push({ field: `data.${field}`, message: reading.message });
  }
  if (problems.length > 0) {
    const reason = `the plan "${plan.name}" (${excerpt(plan.action)}) cannot take its data from this action: ${describeProblems(problems)}`;
    return { kind: 'invalid', reason, problems };
  }
  return validated(plan, taken, Object.keys(properties), request);
}

/** Only the plan's author can decide whether it still does what was intended. */
const stale = ({ name, version }: MatchablePlan, problems: readonly PlanProblem[]): PlanningOutcome => ({
  kind: 'invalid',
  reason:
    `version ${version} of the plan "${name}" is stale, because services changed after it was registered: ` +
    `${describeProblems(problems)}. Review the plan and register it again: restart the application that defines it, or run \`orra plans apply\``,
  problems,
});

function validated(
  plan: MatchablePlan,
  taken: readonly DataField[],
  declared: readonly string[],
  { action, data, services }: PlanRequest,
): PlanningOutcome {
  const given = new Set([...(data ?? []), ...taken].map(({ field }) => field));
  const required = requiredFields(plan);
  const missing = required.filter((field) => !given.has(field));
  if (missing.length > 0) {
    const reason = `the plan "${plan.name}" needs the data ${missing.join(', ')}; given: ${[...given].join(', ') || 'nothing'}`;
    const problems = missing.map((field) => ({ field: `data.${field}`, message: 'is required and missing' }));
    return { kind: 'invalid', reason, problems };
  }
  const optionalData = new Set(declared.filter((field) => !given.has(field)));
  const validation = validatePlan(plan.plan, data, services, { action, taken, optionalData });
  if (validation.ok) {
    return {
      kind: 'planned',
      plan: validation.plan,
      source: { kind: 'defined', name: plan.name, version: plan.version },
    };
  }
  const { problems } = validation;
  return { kind: 'invalid', reason: `the plan "${plan.name}" cannot run: ${describeProblems(problems)}`, problems };
}

const requiredFields = ({ input: { required } }: MatchablePlan): string[] =>
  Array.isArray(required) ? required.filter((field): field is string => typeof field === 'string') : [];

/** The last source: rejects the action and names the nearest defined plans. */
export const notActionable: Planner = {
  plan({ action, definedPlans }) {
    const words = wordsOf(action);
    const nearest = definedPlans
      .map((plan) => ({ plan, similarity: similarity(wordsOfPlan(plan), words) }))
      .filter((candidate) => candidate.similarity > 0)
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, 3)
      .map(({ plan }) => plan);
    return {
      kind: 'not_actionable',
      reason: `no defined plan matches "${excerpt(action, 200)}" and no model is configured; ${hint(nearest, definedPlans)}. Define one with definePlan(), or send a plan with the submission`,
    };
  },
};

function hint(nearest: readonly MatchablePlan[], all: readonly MatchablePlan[]): string {
  const listed = (plans: readonly MatchablePlan[]): string =>
    plans.map(({ action }) => `"${excerpt(action)}"`).join(', ');
  if (nearest.length > 0) return `the nearest are: ${listed(nearest)}`;
  if (all.length === 0) return 'none is defined in this project';
  return `defined are: ${listed(all.slice(0, 5))}${all.length > 5 ? `, and ${all.length - 5} more` : ''}`;
}
