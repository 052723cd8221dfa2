/** Logs likely mistakes in schemas, which do not prevent the start. */
import type { Logger } from '@orra-ts/common';
import type { BootProblem } from '../boot-error';

export function warnAboutSchemas(warnings: readonly BootProblem[], logger: Logger): void {
  for (const { where, field, message, fix } of warnings) {
    logger.warn(`${field ?? where} ${message}`, { service: where, fix });
  }
}
