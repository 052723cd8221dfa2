/**
 * Returns the wait in ms that an endpoint demands by `retry-after-ms` or `Retry-After` (seconds or a date), or
 * undefined.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const ms = Number(headers['retry-after-ms'] || NaN);
  if (ms >= 0) return ms;
  const text = headers['retry-after']?.trim() ?? '';
  if (text === '') return undefined;
  const seconds = Number(text);
  if (seconds >= 0) return seconds * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
