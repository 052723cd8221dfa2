import { OrraError } from '@orra-ts/common';

/** A plan in code that cannot be one: thrown where it is defined. */
export const planError = (message: string, fix: string): OrraError =>
  new OrraError('ORRA_INVALID_PLAN', `${message}; ${fix}`);
