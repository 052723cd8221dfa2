/** Walks the input of a task, at any depth. */
import { type InputPath, isJsonObject } from '@orra-ts/protocol';

/**
 * Returns a copy in which `replace` replaces every value that is neither an object nor a list. A member that becomes
 * undefined is omitted. A list item that becomes undefined is null, so that positions stay.
 */
export function mapLeaves(
  input: Readonly<Record<string, unknown>>,
  replace: (value: unknown, path: InputPath) => unknown,
): Record<string, unknown> {
  const visit = (value: unknown, path: InputPath): unknown => {
    if (Array.isArray(value)) return value.map((item, i) => visit(item, [...path, i]) ?? null);
    return isJsonObject(value) ? visitMembers(value, path) : replace(value, path);
  };
  const visitMembers = (members: Readonly<Record<string, unknown>>, path: InputPath): Record<string, unknown> =>
    // Object.fromEntries allows a member named `__proto__`.
    Object.fromEntries(
      Object.entries(members)
        .map(([name, value]) => [name, visit(value, [...path, name])] as const)
        .filter(([, value]) => value !== undefined),
    );
  return visitMembers(input, []);
}
