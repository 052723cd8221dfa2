/** Durations as the original reads and writes them: protocol page, section 5.1. */

const UNIT_NS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };
const WHOLE =
  /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** Milliseconds of `"1h30m"`, of a number of nanoseconds, or of `{"Duration": ns}`; undefined when it is none of them. */
export function parseWireDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value / 1e6 : undefined;
  if (typeof value === 'object' && value !== null && 'Duration' in value) return parseWireDuration(value.Duration);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^[+-]?0$/.test(text)) return 0;
  if (!WHOLE.test(text)) return undefined;
  let ns = 0;
  for (const [, amount, unit] of text.matchAll(PART)) ns += Number(amount) * (UNIT_NS[unit as string] as number);
  return (text.startsWith('-') ? -ns : ns) / 1e6;
}

/** Writes milliseconds in Go's form: `90000` becomes `1m30s`. */
export function formatWireDuration(ms: number): string {
  if (ms === 0) return '0s';
  const sign = ms < 0 ? '-' : '';
  const total = Math.abs(ms);
  if (total < 1000) return `${sign}${total}ms`;
  const hours = Math.floor(total / 3_600_000);
  const minutes = Math.floor((total % 3_600_000) / 60_000);
  const seconds = Number(((total % 60_000) / 1000).toFixed(9));
  return `${sign}${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${seconds}s`;
}
