/** Creates applications. Finds all problems of options and services before any network call. */
import { OrraBootError, type BootProblem } from '../boot-error';
import { exploreServices } from '../definition/explore';
import { explorePlans } from '../plans/resolve-plan';
import { OrraApplication } from './orra-application';
import { delegateTaskScoped } from './task-scope';
import { warnAboutSchemas } from './warn-about-schemas';
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
    const { services } = options;
    return create(options, {}, Array.isArray(services) && services.length === 0 ? [NO_SERVICES] : []);
  },
};

/**
 * `OrraFactory.create` with replaced ports, and without the check for an empty list of services; @throws what it throws
 */
export function createApplication(options: OrraOptions, ports: Partial<SdkPorts> = {}): OrraApplication {
  return create(options, ports, []);
}

function create(options: OrraOptions, ports: Partial<SdkPorts>, problems: readonly BootProblem[]): OrraApplication {
  const resolved = resolveOrraOptions(options, ports);
  const { validatorModules } = resolved;
  const services = exploreServices(delegateTaskScoped(resolved.services, resolved), { validatorModules });
  const plans = explorePlans(options.plans ?? [], { validatorModules });
  const all = [...services.problems, ...plans.problems, ...problems];
  if (all.length > 0) throw new OrraBootError(all);
  warnAboutSchemas(services.warnings, resolved.logger);
  return new OrraApplication(resolved, services.definitions, plans.plans);
}

const NO_SERVICES: BootProblem = {
  where: 'services',
  message: 'the list is empty',
  fix: 'list at least one decorated class',
};
