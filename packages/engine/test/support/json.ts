/** Decoded JSON that a test looks into member by member: whatever is not there fails the expectation. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one place that says so, instead of a cast at each look
export type Json = any;

/** One member of every item of a list. */
export const pluck = (list: Json, member: string): unknown[] =>
  (list as Record<string, unknown>[]).map((item) => item[member]);

export const items = (list: Json): Json[] => list as Json[];
