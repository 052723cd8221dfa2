/** Where the ids of services are kept (I1). Engines that announce `identityByName` are never asked to be remembered. */
import type { EngineAddress } from '@orra-ts/common';

export interface IdentityStore {
  /** @throws OrraError when what is stored cannot be read: going on without it would register a second service */
  load(service: string, engine: EngineAddress): Promise<string | undefined>;
  /** Safe on disk when it resolves. */
  save(service: string, engine: EngineAddress, id: string): Promise<void>;
  /** Lets other processes use it. */
  close(): Promise<void>;
}
