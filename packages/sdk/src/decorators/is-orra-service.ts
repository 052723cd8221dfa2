import { isClass } from '../schema';
import { serviceRecords } from '../metadata/records';

/**
 * True for a class with `@OrraService` or `@OrraAgent`, and for an instance of one; false for anything else. The
 * annotation is not inherited: a subclass needs its own. Use it to find services among the objects of a DI container.
 *
 * @example
 * const services = container.classes().filter((cls) => isOrraService(cls));
 */
export function isOrraService(target: unknown): boolean {
  if (isClass(target)) return serviceRecords(target).length > 0;
  if (typeof target !== 'object' || target === null) return false;
  const { constructor: cls } = (Object.getPrototypeOf(target) ?? {}) as { constructor?: unknown };
  return isClass(cls) && serviceRecords(cls).length > 0;
}
