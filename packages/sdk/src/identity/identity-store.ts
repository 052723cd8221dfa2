/** Stores the ids of services (I1). */
import type { EngineAddress } from '@orra-ts/common';

export interface IdentityStore {
  /**
   * @param identifiesByName asks the engine whether names identify services there, so that no id is needed
   * @throws OrraError if the stored id cannot be read. Without the id, a second service would be registered;
   * `ORRA_UNREACHABLE` of `identifiesByName`
   */
  load(service: string, engine: EngineAddress, identifiesByName: () => Promise<boolean>): Promise<string | undefined>;
  /**
   * Called when the id changes. Resolves when the id is on the disk.
   *
   * @param identifiesByName names identify services at this engine, so that the id need not be stored
   */
  save(service: string, engine: EngineAddress, id: string, identifiesByName: boolean): Promise<void>;
  /** Releases the store for other processes. */
  close(): Promise<void>;
}
