/** Creates applications. Finds all problems of options and services before any network call. */
import type { DefinedPlan } from '@orra-ts/protocol';
import { OrraBootError, type BootProblem } from '../boot-error';
import { exploreServices } from '../definition/explore';
import type { Plan } from '../plans/define-plan';
import { explorePlans, type PlanExploration } from '../plans/resolve-plan';
import { OrraApplication } from './orra-application';
import { resolveOrraOptions, type OrraOptions } from './options';
import type { SdkPorts } from './ports';

export const OrraFactory = {
  /**
   * Checks options and services. Does not create instances or use the network before `start()`.
   *
   * @throws OrraBootError `ORRA_BOOT_FAILED` with all problems of all services together
   * @throws OrraError `ORRA_MISSING_OPTION`, `ORRA_INVALID_OPTION` or `ORRA_INVALID_DURATION`
   */
  // Asynchronous so that a later version can wait for something here without a change in callers.
  async create(options: OrraOptions): Promise<OrraApplication> {
    return createApplication(options);
  },
};

/** `OrraFactory.create` with replaced ports; @throws what it throws */
export function createApplication(options: OrraOptions, ports: Partial<SdkPorts> = {}): OrraApplication {
  const resolved = resolveOrraOptions(options, ports);
  const { peers: validatorModules } = options;
  const { definitions, problems } = exploreServices(resolved.services, { validatorModules });
  const plans = resolvePlans(options);
  const all: BootProblem[] = [...problems, ...plans.problems];
  if (resolved.services.length === 0) {
    all.push({ where: 'services', message: 'the list is empty', fix: 'list at least one decorated class' });
  }
  if (all.length > 0) throw new OrraBootError(all);
  return new OrraApplication(resolved, definitions, plans.plans);
}

/** Separates plans as data, which are already resolved, from results of `definePlan`. */
function resolvePlans({ plans = [], peers: validatorModules }: OrraOptions): PlanExploration {
  const written = plans.filter((plan): plan is DefinedPlan => 'plan' in plan);
  const recorded = plans.filter((plan): plan is Plan => !('plan' in plan));
  const { plans: resolved, problems } = explorePlans(recorded, { validatorModules });
  return { plans: [...resolved, ...written], problems };
}
