/** Stores the ids of services (I1). It is not used with engines that announce `identityByName`. */
import type { EngineAddress } from '@orra-ts/common';

export interface IdentityStore {
  /** @throws OrraError if the stored id cannot be read. Without the id, a second service would be registered. */
  load(service: string, engine: EngineAddress): Promise<string | undefined>;
  /** Resolves when the id is on the disk. */
  save(service: string, engine: EngineAddress, id: string): Promise<void>;
  /** Releases the store for other processes. */
  close(): Promise<void>;
}
