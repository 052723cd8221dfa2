/**
 * Limits and features of the connected engine, from its registration response. The defaults are those of the Go engine.
 */
import { GO_ENGINE_MAX_MESSAGE_BYTES, type EngineCapabilities } from '@orra-ts/protocol';

export interface ResolvedCapabilities {
  /** Largest message, wrapper included (X6). */
  readonly maxMessageBytes: number;
  /** An outcome cannot overtake an update (X5). */
  readonly orderedUpdates: boolean;
  /** The engine reads `failure` beside `error`. */
  readonly failureDetails: boolean;
  /** A connection claims the keys that run in this process (E12). */
  readonly claims: boolean;
}

/** @param configuredBytes option `maxMessageBytes`; if the engine announces a limit, the smaller one applies */
export function resolveCapabilities(
  announced: EngineCapabilities | undefined,
  configuredBytes: number | undefined,
): ResolvedCapabilities {
  const engineBytes = announced?.maxMessageBytes;
  return {
    maxMessageBytes:
      engineBytes === undefined
        ? (configuredBytes ?? GO_ENGINE_MAX_MESSAGE_BYTES)
        : Math.min(engineBytes, configuredBytes ?? engineBytes),
    orderedUpdates: announced?.orderedUpdates === true,
    failureDetails: announced?.failureDetails === true,
    claims: announced?.claims === true,
  };
}
