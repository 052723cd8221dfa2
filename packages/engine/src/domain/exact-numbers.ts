/**
 * Whole numbers that `JSON.parse` cannot represent: it reads `12345678901234567890` as 12345678901234567000, and the
 * difference is lost. Only the submitter can know this of submitted values; in the values of a plan it is rejected.
 */
import { isJsonObject, type InputPath } from '@orra-ts/protocol';

export const isInexact = (value: unknown): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);

/** The problem of such a number; continues a message that begins with the field's name. */
export const INEXACT = `is a whole number beyond ${Number.MAX_SAFE_INTEGER}, which JSON cannot hold exactly; submit it as data, or as a text`;

/** The places of such numbers in an input, at any depth. */
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
