/** Ends a `switch` over a union: a compile error when a member is missing, an error when a foreign value got in. */
export function assertNever(value: never, what = 'value'): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`);
}
