/** How an application reaches its Plan Engine: a running one by URL and key, or one that starts with the application. */
import type { Logger } from './logger';

export interface EngineAddress {
  /** Such as `http://127.0.0.1:8005`, without a trailing slash. */
  readonly url: string;
  readonly apiKey: string;
  /** Where it is known: the key says the same to the engine. */
  readonly projectId?: string;
}

/** What `embeddedEngine()` gives to an application's `engine` option. */
export interface EngineEndpoint {
  /** Starts the engine when it is not running yet. A second call answers the same. */
  start(context: { readonly logger: Logger }): Promise<EngineAddress>;
  /** Stops it after the application has drained. Idempotent. */
  close(): Promise<void>;
}

export const isEngineEndpoint = (value: unknown): value is EngineEndpoint =>
  typeof value === 'object' && value !== null && typeof (value as EngineEndpoint).start === 'function';
