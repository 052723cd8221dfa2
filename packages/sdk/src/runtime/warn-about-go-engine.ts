/** Logs once, at boot, what an engine without capabilities, such as the Go engine, does not support. */
import type { Logger } from '@orra-ts/common';
import { DEFAULT_TASK_TIMEOUT_MS } from '@orra-ts/protocol';
import type { ExploredService } from '../definition/explore';

export function warnAboutGoEngine(services: readonly ExploredService[], logger: Logger): void {
  for (const { definition } of services) {
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
}
