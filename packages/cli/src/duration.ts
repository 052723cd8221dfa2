/** Durations on the command line, in the syntax of the Go CLI: `45s`, `1h30m`. */
import { type Duration } from '@orra-ts/common';
import { parseWireDuration } from '@orra-ts/protocol';
import { CliError } from './errors';

/** Returns milliseconds. @throws CliError `ORRA_INVALID_DURATION` */
export function parseDuration(text: string, flag: string): Duration {
  const ms = parseWireDuration(text);
  if (ms !== undefined && ms >= 0) return ms;
  throw new CliError('ORRA_INVALID_DURATION', `${flag}: ${JSON.stringify(text)} is not a valid duration`, {
    next: 'write a number with its unit, such as 500ms, 45s, 5m or 1h30m',
  });
}
