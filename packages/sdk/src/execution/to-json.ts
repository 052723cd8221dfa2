/** `JSON.stringify` with its whole truth: functions, symbols and undefined have no JSON form. Throws on cycles and bigints. */
export function toJson(value: unknown): string | undefined {
  return JSON.stringify(value);
}
