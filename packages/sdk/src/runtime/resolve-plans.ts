/** The plans of an application: as data, which are resolved already, and results of `definePlan`. */
import type { DefinedPlan } from '@orra-ts/protocol';
import type { Plan } from '../plans/define-plan';
import { explorePlans, type PlanExploration } from '../plans/resolve-plan';
import type { ValidatorModules } from '../schema/validator-modules';

export function resolvePlans(
  plans: readonly (Plan | DefinedPlan)[],
  options: { readonly validatorModules: ValidatorModules | undefined },
): PlanExploration {
  const written = plans.filter((plan): plan is DefinedPlan => 'plan' in plan);
  const recorded = plans.filter((plan): plan is Plan => !('plan' in plan));
  const { plans: resolved, problems } = explorePlans(recorded, options);
  return { plans: [...resolved, ...written], problems };
}
