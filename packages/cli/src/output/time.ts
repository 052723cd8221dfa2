/** Human-readable times and durations. */
export const NS_PER_MS = 1e6;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Formats an age: `just now`, `5m`, `3h`, `2d`. A future time counts as now, because clocks differ. */
export function formatAge(timestamp: string, nowMs: number): string {
  const ms = nowMs - Date.parse(timestamp);
  if (Number.isNaN(ms)) return '?';
  if (ms < MINUTE_MS) return 'just now';
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  return `${Math.floor(ms / DAY_MS)}d`;
}

/** Formats a duration in nanoseconds, as on the wire: `102ms`, `34.7s`, `5.4m`, `2.0h`, `1.5d`. */
export function formatSpan(ns: number): string {
  const ms = Math.max(0, ns / NS_PER_MS);
  if (ms < SECOND_MS) return `${Math.floor(ms)}ms`;
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)}s`;
  if (ms < HOUR_MS) return `${(ms / MINUTE_MS).toFixed(1)}m`;
  if (ms < DAY_MS) return `${(ms / HOUR_MS).toFixed(1)}h`;
  return `${(ms / DAY_MS).toFixed(1)}d`;
}

/** Like `formatSpan`, but in seconds at least: `0.8s`. */
export const formatElapsed = (ns: number): string =>
  ns < SECOND_MS * NS_PER_MS ? `${(Math.max(0, ns) / NS_PER_MS / SECOND_MS).toFixed(1)}s` : formatSpan(ns);

export interface TimeFormat {
  /** `09:28:11` */
  readonly time: (timestamp: string) => string;
  /** `2026-11-22 09:28:11` */
  readonly dateTime: (timestamp: string) => string;
}

/** @param timeZone undefined for the time zone of the system */
export function timeFormat(timeZone: string | undefined): TimeFormat {
  // The Swedish locale formats dates as in ISO 8601.
  const time = new Intl.DateTimeFormat('sv-SE', { timeZone, timeStyle: 'medium' });
  const date = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  const formatOrUnknown = (timestamp: string, format: (at: Date) => string): string => {
    const at = new Date(timestamp);
    return Number.isNaN(at.getTime()) ? '??:??:??' : format(at);
  };
  return {
    time: (timestamp) => formatOrUnknown(timestamp, (at) => time.format(at)),
    dateTime: (timestamp) => formatOrUnknown(timestamp, (at) => `${date.format(at)} ${time.format(at)}`),
  };
}
