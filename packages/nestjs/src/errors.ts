/** Error registry of the Nest module. */
import { COMMON_ERRORS, defineErrors, errorBuilder } from '@orra-ts/common';

/** @public Read by scripts/errors-doc.mjs. */
export const NESTJS_ERRORS = defineErrors({
  ...COMMON_ERRORS,
  ORRA_NOT_A_LAZY_MODULE: {
    cause: '`OrraContainer.attach` got a `ModuleRef` of no module of the application.',
    remedy: 'Pass what `LazyModuleLoader.load()` resolved with.',
  },
  ORRA_NOT_AN_ORRA_CONTEXT: {
    cause: '`OrraExecutionContext.of` got the context of an HTTP request or of another transport.',
    remedy: 'Check `isOrraContext(context)` first.',
  },
  ORRA_WRONG_PARAMETER: {
    cause: 'A decorator for the parameters of handlers is on the parameter of a constructor.',
    remedy: 'Move it to a parameter of the handler.',
  },
});

export const nestError = errorBuilder(NESTJS_ERRORS);
