/** Bodies about defined plans. What of them has become of services is found when somebody looks. */
import type { DefinedPlanDetails, DefinedPlanView, PlanRegisteredView, PlanVersionView } from '@orra-ts/protocol';
import type { StoredPlan, PlanHistory, PlanRegistration } from '../catalog/catalog';
import { problemsBeforeData, compatibilityProblems } from '../domain/plan/plan-compatibility';
import { toTimestamp } from '../wire-time';
import type { PlannableService } from '../domain/plan/plan-services';

type Services = readonly PlannableService[];

export function definedPlanView(plan: StoredPlan, services: Services): DefinedPlanView {
  const view = versionView(plan);
  // Nothing runs it, so nothing keeps it from that.
  if (plan.retiredAt !== undefined) return view;
  const stale = compatibilityProblems(plan, services);
  const problems = problemsBeforeData(plan.plan, services);
  return { ...view, ...(stale.length > 0 ? { stale } : {}), ...(problems.length > 0 ? { problems } : {}) };
}

export const planRegisteredView = (
  { plan, isUnchanged }: PlanRegistration,
  services: Services,
): PlanRegisteredView => ({ ...definedPlanView(plan, services), ...(isUnchanged ? { unchanged: true } : {}) });

export const planDetailsView = ({ newest, versions }: PlanHistory, services: Services): DefinedPlanDetails => ({
  ...definedPlanView(newest, services),
  versions: versions.map(versionView),
});

function versionView({ name, action, description, input, plan, version, ...times }: StoredPlan): PlanVersionView {
  return {
    name,
    action,
    ...(description === undefined ? {} : { description }),
    input,
    plan,
    version,
    createdAt: toTimestamp(times.createdAt),
    ...(times.retiredAt === undefined ? {} : { retiredAt: toTimestamp(times.retiredAt) }),
  };
}
