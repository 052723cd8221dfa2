import type { WorldSpec } from '../spec/world-spec';

/** For how long the engine may have been unable to run or to write, in milliseconds. */
export function stalledMs({ faults }: WorldSpec, nowMs: number): number {
  let ms = 0;
  for (const fault of faults) {
    if (fault.atMs > nowMs) continue;
    if (fault.kind === 'slow-append') ms += fault.forMs;
    if (fault.kind === 'freeze' && fault.process === 'engine') ms += fault.forMs;
  }
  return ms;
}
