/** Logs, once per service, what the engine does not support: the Go engine, or an older version of ours. */
import type { Logger } from '@orra-ts/common';
import { DEFAULT_TASK_TIMEOUT_MS, sensitivePaths, type EngineCapabilities } from '@orra-ts/protocol';
import type { ExploredService } from '../definition/explore';
import type { ServiceDefinition } from '../definition/service-definition';

export function engineWarnings(
  logger: Logger,
): (services: Iterable<ExploredService>, capabilities: EngineCapabilities | undefined) => void {
  const warned = new WeakSet<object>();
  return (services, capabilities) => {
    for (const { definition } of services) {
      if (warned.has(definition)) continue;
      warned.add(definition);
      if (!capabilities) goEngineWarnings(logger, definition);
      if (!capabilities?.sensitiveMasks) sensitiveWarning(logger, definition);
    }
  };
}

function goEngineWarnings(
  logger: Logger,
  { name: service, input, output, timeoutMs, revert }: ServiceDefinition,
): void {
  const unsupportedKeywords = [...input.unsupportedKeywords, ...output.unsupportedKeywords];
  if (unsupportedKeywords.length > 0) {
    logger.warn('this engine does not keep every part of a schema; the service still checks all of it', {
      service,
      unsupportedKeywords,
    });
  }
  if (revert && revert.also.size > 0) {
    logger.warn('the option `also` has no effect: this engine does not revert tasks without an output', {
      service,
      also: [...revert.also],
    });
  }
  if (timeoutMs !== undefined && timeoutMs > DEFAULT_TASK_TIMEOUT_MS) {
    logger.warn('this engine does not know how long a handler may take; submit with a longer timeout', {
      service,
      handlerTimeoutMs: timeoutMs,
      engineTimeoutMs: DEFAULT_TASK_TIMEOUT_MS,
    });
  }
}

function sensitiveWarning(logger: Logger, { name: service, input, output }: ServiceDefinition): void {
  const members = [...sensitivePaths(input.spec, 'input'), ...sensitivePaths(output.spec, 'output')];
  if (members.length === 0) return;
  logger.warn('this engine cannot mask sensitive members: it shows their values in inspections, lists and webhooks', {
    service,
    members,
  });
}
