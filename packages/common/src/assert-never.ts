/** The end of an exhaustive `switch`: a missing member does not compile, and an unknown value throws at run time. */
export function assertNever(value: never, what = 'value'): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`);
}
