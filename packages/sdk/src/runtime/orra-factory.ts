/** Makes applications: everything that is wrong with options and services is found here, before any network call. */
import { OrraBootError, type BootProblem } from '../definition/boot-error';
import { exploreServices } from '../definition/explore';
import { OrraApplication } from './orra-application';
import { resolveOrraOptions, type OrraOptions } from './options';

export const OrraFactory = {
  /**
   * Checks options and services. Nothing is instantiated and nothing touches the network until `start()`.
   *
   * @throws OrraBootError `ORRA_BOOT_FAILED` with all problems of all services together
   * @throws OrraError `ORRA_MISSING_OPTION`, `ORRA_INVALID_OPTION` or `ORRA_INVALID_DURATION`
   */
  // Asynchronous for what may have to be looked up one day: callers write `await` from the beginning.
  // eslint-disable-next-line @typescript-eslint/require-await
  async create(options: OrraOptions): Promise<OrraApplication> {
    const resolved = resolveOrraOptions(options);
    const { definitions, problems } = exploreServices(resolved.services);
    const all: BootProblem[] = [...problems];
    if (resolved.services.length === 0) {
      all.push({ where: 'services', message: 'the list is empty', fix: 'list at least one decorated class' });
    }
    if (all.length > 0) throw new OrraBootError(all);
    return new OrraApplication(resolved, definitions);
  },
};
