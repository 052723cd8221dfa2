import { commonError } from './errors';

/** Milliseconds, or a number with a unit: `250`, `'500ms'`, `'30s'`, `'5m'`, `'2h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * Returns a duration in milliseconds.
 *
 * @param name the option that the error names, such as `drainTimeout`
 * @throws OrraError `ORRA_INVALID_DURATION` when the value is neither a finite number of at least 0 nor a string with a unit
 */
export function durationMs(value: Duration, name = 'duration'): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  const match = typeof value === 'string' ? FORM.exec(value.trim()) : null;
  if (match) return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  const shown =
    typeof value === 'string'
      ? JSON.stringify(value)
      : typeof value === 'number'
        ? value
        : `a value of type ${typeof value}`;
  throw commonError(
    'ORRA_INVALID_DURATION',
    `${name}: ${shown} is not a valid duration; write milliseconds (30000) or a string such as '500ms', '30s', '5m', '2h' or '7d'`,
    { details: { name, value } },
  );
}
