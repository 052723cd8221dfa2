/** Methods that an instance of a service class must have. A missing one is an error, never a success. */
import { describeThrown } from '@orra-ts/common';
import type { BootProblem } from '../boot-error';
import { NonRetryableError } from '../errors';
import type { Invoke } from './service-definition';

export interface InstanceMethod {
  readonly method: string | symbol;
  /** Such as `InventoryService.release`, for messages. */
  readonly label: string;
  readonly className: string;
  /** Where the instance comes from, such as `useFactory`. */
  readonly origin: string;
}

/** Returns one problem for each method that the instance lacks. */
export function missingMethods(instance: unknown, methods: readonly InstanceMethod[]): BootProblem[] {
  return methods.flatMap((expected) => {
    const message = problemOf(instance, expected);
    return message === undefined ? [] : [{ where: expected.label, message, fix: fixOf(expected) }];
  });
}

/** @throws NonRetryableError `ORRA_MISSING_METHOD` */
export function methodOf(instance: unknown, expected: InstanceMethod): (...args: unknown[]) => unknown {
  const found = (instance as Record<string | symbol, unknown> | null | undefined)?.[expected.method];
  if (typeof found === 'function') return found as (...args: unknown[]) => unknown;
  throw new NonRetryableError(`${expected.label}: ${lackOf(expected)}; ${fixOf(expected)}`, {
    code: 'ORRA_MISSING_METHOD',
  });
}

/** Calls the method. Looks it up at each call, so that a later replacement (a spy, a proxy) is used. */
export const callMethod =
  (expected: InstanceMethod): Invoke =>
  (instance, argument) =>
    methodOf(instance, expected).call(instance, argument);

function problemOf(instance: unknown, expected: InstanceMethod): string | undefined {
  if ((typeof instance !== 'object' && typeof instance !== 'function') || instance === null) {
    return `${expected.origin} gave ${instance === null ? 'null' : typeof instance} instead of an instance`;
  }
  try {
    const found = (instance as Record<string | symbol, unknown>)[expected.method];
    return typeof found === 'function' ? undefined : lackOf(expected);
  } catch (error) {
    return `its method cannot be read from the instance of ${expected.origin}: ${describeThrown(error)}`;
  }
}

const lackOf = ({ method, origin }: InstanceMethod): string =>
  `the instance from ${origin} has no method ${String(method)}`;

const fixOf = ({ className }: InstanceMethod): string =>
  `provide an instance of ${className}; a copy such as { ...instance } does not have the methods of the class, and a mock has only those that it defines`;
