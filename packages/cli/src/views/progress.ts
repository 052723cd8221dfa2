/** Progress of a task in percent: the member `progress` or `percentComplete` of an update. */
import { isJsonObject } from '@orra-ts/protocol';

const BAR_WIDTH = 20;

/** Returns the progress of the latest update that contains one. */
export function progressOf(updates: readonly unknown[]): number | undefined {
  for (const update of [...updates].reverse()) {
    if (!isJsonObject(update)) continue;
    for (const member of ['progress', 'percentComplete']) {
      const value = update[member];
      if (typeof value === 'number' && Number.isFinite(value)) return value;
    }
  }
  return undefined;
}

/** `[================>   ] 80%` */
export function progressBar(percent: number): string {
  const done = Math.round((Math.min(100, Math.max(0, percent)) / 100) * BAR_WIDTH);
  const bar = done >= BAR_WIDTH ? '='.repeat(BAR_WIDTH) : `${'='.repeat(done)}>`.padEnd(BAR_WIDTH);
  return `[${bar}] ${Math.round(percent)}%`;
}
