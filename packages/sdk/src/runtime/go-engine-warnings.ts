/** Logs, once per service, what an engine without capabilities, such as the Go engine, does not support. */
import type { Logger } from '@orra-ts/common';
import { DEFAULT_TASK_TIMEOUT_MS } from '@orra-ts/protocol';
import type { ExploredService } from '../definition/explore';

export function goEngineWarnings(logger: Logger): (services: Iterable<ExploredService>) => void {
  const warned = new WeakSet<object>();
  return (services) => {
    for (const { definition } of services) {
      if (warned.has(definition)) continue;
      warned.add(definition);
      const { name: service, input, output, timeoutMs, revert } = definition;
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
  };
}
