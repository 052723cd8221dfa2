/** Ids that the application stores itself, or sets with ORRA_SERVICE_ID. */
import type { IdentityStore } from './identity-store';

export interface CustomIdentity {
  /**
   * Returns the id that was saved for this service, or undefined. Not called with an engine at which names identify
   * services, such as the embedded engine.
   */
  readonly load: (service: string) => string | undefined | Promise<string | undefined>;
  /** Called whenever the id of the service changes, with any engine. */
  readonly save: (service: string, id: string) => void | Promise<void>;
}

export const customIdentityStore = ({ load, save }: CustomIdentity): IdentityStore => ({
  load: async (service, _engine, identifiesByName) =>
    (await identifiesByName()) ? undefined : ((await load(service)) ?? undefined),
  save: async (service, _engine, id) => save(service, id),
  close: () => Promise.resolve(),
});

/** Uses the id in ORRA_SERVICE_ID. If the engine does not know it, the new id is kept in memory. */
export function fixedIdentityStore(id: string): IdentityStore {
  let current = id;
  return {
    load: () => Promise.resolve(current),
    save: (_service, _engine, next) => {
      current = next;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
