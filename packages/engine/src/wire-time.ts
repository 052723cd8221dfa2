/** Times on the wire: RFC 3339 strings and whole nanoseconds. */

export const toTimestamp = (ms: number): string => new Date(ms).toISOString();

/** Never negative: a clock that was set back must not break a client that reads an unsigned number. */
export const toNanoseconds = (ms: number): number => Math.max(0, Math.round(ms * 1e6));
