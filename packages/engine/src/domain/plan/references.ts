/** References from a task's input to the outputs of other tasks, at any depth. */
import { TASK_ZERO, isJsonObject, parseReference, type InputPath, type Reference } from '@orra-ts/protocol';

export interface FoundText {
  readonly text: string;
  readonly path: InputPath;
  /** Whether the string is a member's name rather than a value. */
  readonly isName: boolean;
}

export interface FoundReference {
  readonly reference: Reference;
  /** The reference as written. */
  readonly text: string;
  readonly path: InputPath;
}

/** Returns every string of an input, including member names, that is a reference or could look like one. */
export function textsWithMarks(input: Readonly<Record<string, unknown>>): FoundText[] {
  const found: FoundText[] = [];
  const path: (string | number)[] = [];
  const visit = (value: unknown, step: string | number): void => {
    path.push(step);
    if (typeof value === 'string') look(value, false);
    else if (Array.isArray(value)) value.forEach(visit);
    else if (isJsonObject(value)) visitMembers(value);
    path.pop();
  };
  const visitMembers = (members: Readonly<Record<string, unknown>>): void => {
    for (const name of Object.keys(members)) {
      path.push(name);
      look(name, true);
      path.pop();
      visit(members[name], name);
    }
  };
  const look = (text: string, isName: boolean): void => {
    if (text.includes('$') || text.includes('{')) found.push({ text, path: [...path], isName });
  };
  visitMembers(input);
  return found;
}

export function findReferences(input: Readonly<Record<string, unknown>>): FoundReference[] {
  return textsWithMarks(input).flatMap(({ text, path, isName }) => {
    const reference = isName ? undefined : parseReference(text);
    return reference ? [{ reference, text, path }] : [];
  });
}

/** Returns the ids of the tasks that an input refers to, without task0, unique and sorted. */
export function dependenciesOf(input: Readonly<Record<string, unknown>>): string[] {
  const ids = new Set(findReferences(input).map(({ reference }) => reference.taskId));
  ids.delete(TASK_ZERO);
  return [...ids].sort();
}

/** Returns the value at a path; undefined if a member on the way is missing. */
export function lookUp(value: unknown, path: readonly string[]): unknown {
  // A key that equals the whole path has priority: the Go engine looks keys up literally, and clients may rely on it.
  if (path.length > 1 && isJsonObject(value) && Object.hasOwn(value, path.join('.'))) return value[path.join('.')];
  let current = value;
  for (const part of path) {
    if (Array.isArray(current)) current = /^\d+$/.test(part) ? (current[Number(part)] as unknown) : undefined;
    else if (isJsonObject(current) && Object.hasOwn(current, part)) current = current[part];
    else return undefined;
  }
  return current;
}

/**
 * Replaces every reference by its value. A member whose reference does not resolve is omitted, as the Go engine does
 * at the top level; an item of an array becomes null instead, so that positions are kept.
 *
 * @param outputOf returns the output of a completed task, or the data for task0
 */
export function resolveInput(
  input: Readonly<Record<string, unknown>>,
  outputOf: (taskId: string) => unknown,
): Record<string, unknown> {
  const resolve = (value: unknown): unknown => {
    const reference = parseReference(value);
    // The value is data: a string in it that looks like a reference is not resolved again.
    if (reference) return lookUp(outputOf(reference.taskId), reference.path);
    if (Array.isArray(value)) return value.map((item) => resolve(item) ?? null);
    return isJsonObject(value) ? resolveMembers(value) : value;
  };
  const resolveMembers = (members: Readonly<Record<string, unknown>>): Record<string, unknown> => {
    const resolved: [string, unknown][] = [];
    for (const [name, value] of Object.entries(members)) {
      const result = resolve(value);
      if (result !== undefined) resolved.push([name, result]);
    }
    return Object.fromEntries(resolved);
  };
  return resolveMembers(input);
}
