/** The interface between an application and its Plan Engine, which already runs or starts with the application. */
import type { Logger } from './logger';

export interface EngineAddress {
  /** Such as `http://127.0.0.1:8005`, without a trailing slash. */
  readonly url: string;
  readonly apiKey: string;
  /** Id of the project, if it is known. The engine itself derives the project from the key. */
  readonly projectId?: string;
}

/** The value of an application's `engine` option that `embeddedEngine()` returns. */
export interface EngineEndpoint {
  /** Starts the engine unless it is running. A second call returns the same address. */
  start(context: { readonly logger: Logger }): Promise<EngineAddress>;
  /** Stops the engine; the application calls it after its drain. Idempotent. */
  close(): Promise<void>;
}

export const isEngineEndpoint = (value: unknown): value is EngineEndpoint =>
  typeof value === 'object' && value !== null && typeof (value as EngineEndpoint).start === 'function';
