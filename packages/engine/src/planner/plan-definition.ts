/** Checks a plan's definition independently of services, for plans of requests and of the engine's options. */
import { nameProblem, type DefinedPlan } from '@orra-ts/protocol';
import { planDataProblems } from '../domain/plan/plan-data';
import type { PlanProblem } from '../domain/plan/plan-problems';
import { planFormProblems } from '../domain/plan/plan-validation';
import { paramsOf, planTextProblems } from './action-text';

export function definitionProblems({ name, action, input, plan }: DefinedPlan): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const wrongName = nameProblem(name);
  if (wrongName) problems.push({ field: 'name', message: wrongName });
  for (const message of planTextProblems(action)) problems.push({ field: 'action', message });
  problems.push(...planFormProblems(plan));
  // An action or a plan that is too large is not checked further.
  return problems.length > 0 ? problems : planDataProblems({ params: paramsOf(action), input, plan });
}
