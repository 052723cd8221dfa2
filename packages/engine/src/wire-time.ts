/** Times on the wire: RFC 3339 strings and whole nanoseconds. */

export const toTimestamp = (ms: number): string => new Date(ms).toISOString();

/** The time of an event that views show: that of the wall clock (E11). */
export const shownTime = ({ at, wallAt }: { readonly at: number; readonly wallAt?: number }): number => wallAt ?? at;

/** Never negative: a clock that was set back must not break a client that reads an unsigned number. */
export const toNanoseconds = (ms: number): number => Math.max(0, Math.round(ms * 1e6));
