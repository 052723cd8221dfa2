/**
 * Whole numbers that JSON cannot hold: `12345678901234567890` is read as another one, 12345678901234567000, and nobody could
 * tell afterwards. Of what is submitted only the submitter can know; of what a plan adds it is refused.
 */
import { isJsonObject, type InputPath } from '@orra-ts/protocol';

export const isInexact = (value: unknown): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);

/** What is wrong with such a number; goes on from its field's name. */
export const INEXACT = `is a whole number beyond ${Number.MAX_SAFE_INTEGER}, which JSON cannot hold exactly; submit it as data, or as a text`;

/** Where they stand in an input, at any depth. */
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
