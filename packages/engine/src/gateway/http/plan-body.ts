/** The body of `PUT /plans/{name}`: a route of ours, so it is checked strictly. */
import { DefinedPlanSchema, nameProblem, type DefinedPlan } from '@orra-ts/protocol';
import { decodeStrictly, invalidMember } from './strict-body';

export function decodePlan(text: string, name: string): DefinedPlan {
  const plan = decodeStrictly(DefinedPlanSchema, text);
  const problem = nameProblem(plan.name);
  if (problem !== undefined) {
    throw invalidMember('/name', `the plan's name ${JSON.stringify(plan.name)} ${problem}`);
  }
  if (plan.name !== name) {
    throw invalidMember('/name', `the plan's name ${JSON.stringify(plan.name)} is not that of the path, "${name}"`);
  }
  return plan;
}
