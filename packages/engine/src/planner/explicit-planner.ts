/** Runs the plan that the submitter sent, if it is valid. */
import { validatePlan } from '../domain/plan/plan-validation';
import type { Planner } from './planner';
import { describeProblems } from '../domain/plan/plan-problems';

export const explicitPlanner: Planner = {
  plan({ explicit, action, data, services }) {
    if (!explicit) return undefined;
    const validation = validatePlan(explicit, data, services, { action });
    if (validation.ok) return { kind: 'planned', plan: validation.plan, source: { kind: 'explicit' } };
    const { problems } = validation;
    return { kind: 'invalid', reason: `the plan cannot run: ${describeProblems(problems)}`, problems };
  },
};
