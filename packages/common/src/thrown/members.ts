/**
 * Reads thrown values, which come from code that we do not control: getters and proxies may throw, and members may have
 * any type.
 */

/** Returns undefined for a member that cannot be read. */
export function memberOf(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** Also recognizes errors of another realm, such as those of a `vm` context. */
export function isError(value: unknown): boolean {
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  } catch {
    return false;
  }
}
