/** Durations as the Go engine reads and writes them. */

const UNIT_NS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };
const WHOLE =
  /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** Milliseconds of `"1h30m"`, of a number of nanoseconds, or of `{"Duration": ns}`; undefined for any other value. */
export function parseWireDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value / 1e6 : undefined;
  if (typeof value === 'object' && value !== null && 'Duration' in value) {
    return typeof value.Duration === 'number' ? parseWireDuration(value.Duration) : undefined;
  }
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^[+-]?0$/.test(text)) return 0;
  if (!WHOLE.test(text)) return undefined;
  let ns = 0;
  for (const [, amount, unit] of text.matchAll(PART)) ns += Number(amount) * (UNIT_NS[unit as string] as number);
  if (!Number.isFinite(ns)) return undefined;
  return (text.startsWith('-') ? -ns : ns) / 1e6;
}

/** Writes milliseconds in Go's form, to the nanosecond: `90000` becomes `1m30s`. */
export function formatWireDuration(ms: number): string {
  const total = Math.round(Math.abs(ms) * 1e6) / 1e6;
  if (total === 0) return '0s';
  const sign = ms < 0 ? '-' : '';
  if (total < 1000) return `${sign}${decimal(total, 6)}ms`;
  const hours = Math.floor(total / 3_600_000);
  const minutes = Math.floor((total % 3_600_000) / 60_000);
  const seconds = decimal((total % 60_000) / 1000, 9);
  return `${sign}${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${seconds}s`;
}

/** Without an exponent, which Go cannot parse. */
const decimal = (value: number, digits: number): string => value.toFixed(digits).replace(/\.?0+$/, '');
