/** Times as the wire has them: RFC 3339 texts and whole nanoseconds. */

export const toTimestamp = (ms: number): string => new Date(ms).toISOString();

/** Never negative: a clock that was set back must not fail a client that reads an unsigned number. */
export const toNanoseconds = (ms: number): number => Math.max(0, Math.round(ms * 1e6));
