/** Which rows of the table of outcomes occurred in a world. */
import type { WorldSpec } from '../spec/world-spec';
import type { Observations } from './observations';

export const ROWS: Readonly<Record<string, string>> = {};

export function coverageOf(_: {
  readonly spec: WorldSpec;
  readonly observations: Observations;
  readonly operator: unknown;
}): Set<string> {
  return new Set();
}
