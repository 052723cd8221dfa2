/** Bodies of defined plans. Whether their services have changed is determined when a plan is viewed. */
import type { DefinedPlanDetails, DefinedPlanView, PlanRegisteredView, PlanVersionView } from '@orra-ts/protocol';
import type { StoredPlan, PlanHistory, PlanRegistration } from '../catalog/catalog';
import { problemsBeforeData, compatibilityProblems } from '../domain/plan/plan-compatibility';
import { toTimestamp } from '../wire-time';
import { shownDefinition } from '../domain/plan/shown-definition';
import type { PlannableService } from '../domain/plan/plan-services';

type Services = readonly PlannableService[];

export function definedPlanView(plan: StoredPlan, services: Services): DefinedPlanView {
  const view = versionView(plan, services);
  // A retired plan does not run, so its problems do not matter.
  if (plan.retiredAt !== undefined) return view;
  const stale = compatibilityProblems(plan, services);
  const problems = problemsBeforeData(plan.plan, services);
  return { ...view, stale: stale.length > 0 ? stale : undefined, problems: problems.length > 0 ? problems : undefined };
}

export const planRegisteredView = (
  { plan, isUnchanged }: PlanRegistration,
  services: Services,
): PlanRegisteredView => ({ ...definedPlanView(plan, services), unchanged: isUnchanged ? true : undefined });

export const planDetailsView = ({ newest, versions }: PlanHistory, services: Services): DefinedPlanDetails => ({
  ...definedPlanView(newest, services),
  versions: versions.map((version) => versionView(version, services)),
});

function versionView(
  { name, action, description, input, plan, version, ...times }: StoredPlan,
  services: Services,
): PlanVersionView {
  return {
    name,
    action,
    description,
    input,
    plan: shownDefinition(plan, services),
    version,
    createdAt: toTimestamp(times.createdAt),
    retiredAt: times.retiredAt === undefined ? undefined : toTimestamp(times.retiredAt),
  };
}
