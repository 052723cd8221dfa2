/** Starts an engine that belongs to the application before providers are created, so that they can inject its client. */
import { isEngineEndpoint } from '@orra-ts/common';
import type { Logger, RemoteEngine } from '@orra-ts/sdk';
import type { OrraModuleOptions } from './options';

export interface ReadyEngine {
  readonly engine: RemoteEngine | undefined;
  /** Ends the engine if it belongs to the application. */
  close(): Promise<void>;
}

export async function startEngine({ engine, connect = true }: OrraModuleOptions, logger: Logger): Promise<ReadyEngine> {
  if (!connect) return { engine: UNREACHABLE, close: () => Promise.resolve() };
  if (!isEngineEndpoint(engine)) return { engine, close: () => Promise.resolve() };
  const { url, apiKey } = await engine.start({ logger });
  return { engine: { url, apiKey }, close: () => engine.close() };
}

/** The discard port: a client that is used nevertheless gets a connection error. */
const UNREACHABLE: RemoteEngine = { url: 'http://127.0.0.1:9', apiKey: 'not-connected' };
