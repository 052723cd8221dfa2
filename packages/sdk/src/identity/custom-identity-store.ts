/** Ids that the application stores itself, or sets with ORRA_SERVICE_ID. */
import type { IdentityStore } from './identity-store';

export interface CustomIdentity {
  /** The id that was saved for this service, or undefined. */
  readonly load: (service: string) => string | undefined | Promise<string | undefined>;
  readonly save: (service: string, id: string) => void | Promise<void>;
}

export const customIdentityStore = ({ load, save }: CustomIdentity): IdentityStore => ({
  load: async (service) => (await load(service)) ?? undefined,
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
