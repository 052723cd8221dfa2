/** What the engine at the other end takes, read from what it announced; silence means the public Go engine. */
import { GO_ENGINE_MAX_MESSAGE_BYTES, type EngineCapabilities } from '@orra-ts/protocol';

export interface EngineAbilities {
  /** Largest message, wrapper included (X6). */
  readonly maxMessageBytes: number;
  /** An outcome cannot overtake an update (X5). */
  readonly orderedUpdates: boolean;
  /** Reads `failure` beside `error`. */
  readonly failureDetails: boolean;
}

/** @param configuredBytes option `maxMessageBytes`; where the engine announces a limit the smaller one counts */
export function abilitiesOf(
  capabilities: EngineCapabilities | undefined,
  configuredBytes: number | undefined,
): EngineAbilities {
  const announced = capabilities?.maxMessageBytes;
  return {
    maxMessageBytes:
      announced === undefined
        ? (configuredBytes ?? GO_ENGINE_MAX_MESSAGE_BYTES)
        : Math.min(announced, configuredBytes ?? announced),
    orderedUpdates: capabilities?.orderedUpdates === true,
    failureDetails: capabilities?.failureDetails === true,
  };
}
