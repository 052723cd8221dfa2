/**
 * Integers that JSON cannot represent: `12345678901234567890` is parsed as 12345678901234567000, and the difference
 * cannot be detected afterwards. In submitted data only the submitter can know; in the values that a plan adds they
 * are rejected.
 */
import { isJsonObject, type InputPath } from '@orra-ts/protocol';

export const isInexact = (value: unknown): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);

/** Describes such a number; the message continues after the field's name. */
export const INEXACT = `is an integer beyond ${Number.MAX_SAFE_INTEGER}, which JSON cannot represent exactly; submit it as data, or as a string`;

/** Returns the paths of such numbers in an input, at any depth. */
export function inexactNumbers(input: Readonly<Record<string, unknown>>): InputPath[] {
  const found: InputPath[] = [];
  const path: (string | number)[] = [];
  const visit = (value: unknown, step: string | number): void => {
    path.push(step);
    if (isInexact(value)) found.push([...path]);
    else if (Array.isArray(value)) value.forEach(visit);
    else if (isJsonObject(value)) visitMembers(value);
    path.pop();
  };
  const visitMembers = (members: Readonly<Record<string, unknown>>): void => {
    for (const [name, value] of Object.entries(members)) visit(value, name);
  };
  visitMembers(input);
  return found;
}
