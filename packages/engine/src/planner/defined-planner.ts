/**
 * Runs a plan defined in code whose action text matches. `{params}` in the text become data. It never guesses: without a
 * match it stays silent, and `notActionable` names the nearest plans.
 */
import { isJsonObject, type DataField } from '@orra-ts/protocol';
import type { StoredPlan } from '../catalog/catalog';
import { describeProblems, validatePlan } from '../domain/plan-validation';
import { likeness, matchAction } from './action-text';
import type { PlanRequest, Planner, PlanningOutcome } from './planner';

export const definedPlanner: Planner = {
  plan(request) {
    const matches = request.definedPlans.flatMap((plan) => {
      const match = matchAction(plan.action, request.action);
      return match ? [{ plan, params: match.params }] : [];
    });
    const [only] = matches;
    if (!only) return undefined;
    if (matches.length > 1) {
      const names = matches.map(({ plan }) => `"${plan.name}" (${plan.action})`).join(', ');
      return { kind: 'not_actionable', reason: `more than one defined plan matches this action: ${names}` };
    }
    return runDefined(only.plan, only.params, request);
  },
};

function runDefined(plan: StoredPlan, params: Readonly<Record<string, string>>, request: PlanRequest): PlanningOutcome {
  const data = withParams(plan, params, request.data);
  const missing = requiredFields(plan).filter((field) => !data.some((entry) => entry.field === field));
  if (missing.length > 0) {
    const given = data.map(({ field }) => field).join(', ') || 'nothing';
    const reason = `the plan "${plan.name}" needs the data ${missing.join(', ')}; given: ${given}`;
    return {
      kind: 'invalid',
      reason,
      problems: missing.map((field) => ({ field, message: 'is required and not given' })),
    };
  }
  const validation = validatePlan(plan.plan, data, request.services);
  if (validation.ok) {
    return { kind: 'planned', plan: validation.plan, source: { kind: 'defined', name: plan.name } };
  }
  const { problems } = validation;
  return { kind: 'invalid', reason: `the plan "${plan.name}" cannot run: ${describeProblems(problems)}`, problems };
}

const requiredFields = ({ input }: StoredPlan): string[] =>
  Array.isArray(input['required'])
    ? input['required'].filter((field): field is string => typeof field === 'string')
    : [];

/** Submitted data win over what stands in the action's text; texts become numbers or booleans where the plan wants them. */
function withParams(
  plan: StoredPlan,
  params: Readonly<Record<string, string>>,
  data: readonly DataField[] | null,
): DataField[] {
  const fields = [...(data ?? [])];
  const properties = isJsonObject(plan.input['properties']) ? plan.input['properties'] : {};
  for (const [field, text] of Object.entries(params)) {
    if (fields.some((entry) => entry.field === field)) continue;
    const property = properties[field];
    fields.push({ field, value: typed(text, isJsonObject(property) ? property['type'] : undefined) });
  }
  return fields;
}

function typed(text: string, type: unknown): unknown {
  const types = Array.isArray(type) ? (type as unknown[]) : [type];
  if ((types.includes('number') || types.includes('integer')) && text.trim() !== '' && Number.isFinite(Number(text))) {
    return Number(text);
  }
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** The last source: says that nobody knows how, and which defined plans come nearest. */
export const notActionable: Planner = {
  plan({ action, definedPlans }) {
    const nearest = definedPlans
      .map((plan) => ({ plan, likeness: likeness(plan.action, action) }))
      .filter((candidate) => candidate.likeness > 0)
      .sort((a, b) => b.likeness - a.likeness)
      .slice(0, 3)
      .map(({ plan }) => `"${plan.action}"`);
    const hint =
      nearest.length > 0
        ? `the nearest are: ${nearest.join(', ')}`
        : definedPlans.length > 0
          ? `defined are: ${definedPlans
              .slice(0, 5)
              .map(({ action: text }) => `"${text}"`)
              .join(', ')}`
          : 'none is defined in this project';
    return {
      kind: 'not_actionable',
      reason: `no defined plan matches "${action}" and no model is configured; ${hint}. Define one with definePlan(), or send a plan with the submission`,
    };
  },
};
