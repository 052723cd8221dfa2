/**
 * `JSON.stringify` with its real return type: undefined for a function, a symbol and undefined.
 *
 * @throws TypeError for a cycle or a bigint
 */
export const toJson = (value: unknown): string | undefined => JSON.stringify(value);
