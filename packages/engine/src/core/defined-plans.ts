/**
 * Defined plans of a project, by name and version. A version never changes: different content, or the same content for
 * services that have changed, becomes the next version. A plan that is removed keeps its versions and their numbers.
 */
import { withoutUndefined, type Clock } from '@orra-ts/common';
import type { DefinedPlan } from '@orra-ts/protocol';
import { engineError } from '../errors';
import {
  type Catalog,
  type PlanHistory,
  type PlanRegistration,
  type Project,
  type StoredPlan,
} from '../catalog/catalog';
import { pinServices, problemsBeforeData, compatibilityProblems } from '../domain/plan/plan-compatibility';
import { definitionProblems } from '../planner/plan-definition';
import { describeProblems } from '../domain/plan/plan-problems';
import { sameJson } from '../domain/same-json';
import { checkPlanLimits } from './check-limits';

/** Maximum plan names per project, retired ones included: the newest version of each is kept in memory (E8). */
const MAX_PLANS = 1_000;
/** Maximum versions in one response (E8). */
const MAX_VERSIONS_SHOWN = 100;

export class DefinedPlans {
  constructor(
    private readonly catalog: Catalog,
    private readonly clock: Clock,
  ) {}

  /**
   * Accepts a plan whose services are not registered or do not fit yet: an application that defines a plan must be able
   * to start before those services.
   *
   * @throws OrraError `ORRA_INVALID_PLAN`, `ORRA_LIMIT_EXCEEDED`
   */
  async register(project: Project, { name, action, description, input, plan }: DefinedPlan): Promise<PlanRegistration> {
    checkPlanLimits({ name, action, description, input, plan });
    const known = this.catalog.newestPlan(project.id, name);
    // The members that are compared with the stored plan.
    const form = withoutUndefined({ name, action, description, input, plan });
    const problems = definitionProblems(form);
    if (!known && this.catalog.planCount(project.id) >= MAX_PLANS) {
      const message = `the project has had plans with ${MAX_PLANS} names, the maximum; use one of these names again`;
      problems.push({ field: 'name', message });
    }
    if (problems.length > 0) {
      const text = `the plan "${name}" cannot be registered: ${describeProblems(problems)}`;
      throw engineError('ORRA_INVALID_PLAN', text, { details: { problems } });
    }
    const services = this.catalog.services(project.id);
    const pinned = pinServices(plan, services);
    if (known && known.retiredAt === undefined && sameJson(contentOf(known), contentOf(form))) {
      const isStale = compatibilityProblems(known, services).length > 0;
      // If its services can no longer run the plan, the version that worked with them stays, and is stale.
      if (!isStale || problemsBeforeData(plan, services).length > 0) {
        if (!isStale) await this.catalog.pinServices(project.id, name, pinned);
        return { plan: this.catalog.newestPlan(project.id, name) ?? known, isUnchanged: true };
      }
    }
    const version = (known?.version ?? 0) + 1;
    const stored: StoredPlan = { ...form, projectId: project.id, version, createdAt: this.clock.now(), pinned };
    await this.catalog.addPlan(stored);
    return { plan: stored, isUnchanged: false };
  }

  /** Newest versions of the plans that are not retired, sorted by name. */
  list(project: Project): readonly StoredPlan[] {
    return this.catalog.plans(project.id);
  }

  /** Undefined if the project never had a plan of this name. Versions before `before`; by default from the newest. */
  history(project: Project, name: string, before = Number.MAX_SAFE_INTEGER): PlanHistory | undefined {
    const newest = this.catalog.newestPlan(project.id, name);
    if (!newest) return undefined;
    const range = { before, limit: MAX_VERSIONS_SHOWN };
    return { newest, versions: this.catalog.planVersions(project.id, name, range) };
  }

  /** No action matches the plan any more. Idempotent; resolves with false if the project never had a plan of this name. */
  async retire(project: Project, name: string): Promise<boolean> {
    if (!this.catalog.newestPlan(project.id, name)) return false;
    await this.catalog.retirePlan(project.id, name, this.clock.now());
    return true;
  }
}

const contentOf = ({ action, description, input, plan }: DefinedPlan): unknown => ({
  action,
  description: description ?? null,
  input,
  plan,
});
