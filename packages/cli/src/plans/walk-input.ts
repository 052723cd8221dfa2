/** Over the input of a task, at any depth. */
import { type InputPath, isJsonObject } from '@orra-ts/protocol';

/**
 * A copy in which every value that is no object and no list is what `replace` makes of it. Members of which it makes
 * undefined are left out; items become null, so that positions stay.
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
    // From entries, so that a member may be named `__proto__`.
    Object.fromEntries(
      Object.entries(members)
        .map(([name, value]) => [name, visit(value, [...path, name])] as const)
        .filter(([, value]) => value !== undefined),
    );
  return visitMembers(input, []);
}
