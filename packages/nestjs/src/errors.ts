/** Error registry of the NestJS integration. */
import { COMMON_ERRORS, defineErrors, errorBuilder } from '@orra-ts/common';

export const NEST_ERRORS = defineErrors({
  ...COMMON_ERRORS,
  ORRA_HTTP_EXCEPTION: {
    cause: 'A guard, pipe, interceptor or handler of a Nest application threw an exception with an HTTP status.',
    remedy: 'The message is the one of the exception. The table `retryableStatus` decides which statuses are retried.',
  },
  ORRA_UNKNOWN_APPLICATION: {
    cause: 'A decorator names an `OrraModule` that the application does not import.',
    remedy: 'Import `OrraModule.forRoot({ name, ... })` with that name, or correct the name.',
  },
});

export const nestError = errorBuilder(NEST_ERRORS);
