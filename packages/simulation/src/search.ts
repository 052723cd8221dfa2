/** Runs worlds by their seeds, and makes failing ones smaller. */
import { PENDING_FAULTS, PENDING_RULES } from './judge/pending';
import type { Violation } from './judge/rules';
import { generateWorld } from './spec/generate';
import type { WorldSpec } from './spec/world-spec';
import { World, type WorldResult } from './world';

/** What is kept of the world of a seed. Positions count from 1. */
export interface Selection {
  readonly seed: number;
  /** @default all */
  readonly orders?: readonly number[];
  readonly faults?: readonly number[];
}

export interface SearchOptions {
  /** Ignore `pending.ts`. */
  readonly all: boolean;
  readonly record?: boolean;
}

const keep = <T>(items: readonly T[], positions: readonly number[] | undefined): T[] =>
  items.filter((_, index) => positions?.includes(index + 1) ?? true);

function specOf({ seed, orders, faults }: Selection, { all }: SearchOptions): WorldSpec {
  const spec = generateWorld(seed);
  const allowed = keep(spec.faults, faults).filter(({ kind }) => all || PENDING_FAULTS[kind] === undefined);
  return { ...spec, orders: keep(spec.orders, orders), faults: allowed };
}

export const runSelection = (selection: Selection, options: SearchOptions): Promise<WorldResult> =>
  new World(specOf(selection, options), { record: options.record ?? false }).run();

/** The violations that make a world fail. */
export const failuresOf = ({ violations }: WorldResult, { all }: SearchOptions): readonly Violation[] =>
  violations.filter(({ rule }) => all || PENDING_RULES[rule] === undefined);

/** Leaves out faults and orders, one at a time, as long as the world still breaks one of the rules that it broke. */
export async function shrink(seed: number, broken: readonly Violation[], options: SearchOptions): Promise<Selection> {
  const rules = new Set(broken.map(({ rule }) => rule));
  const spec = generateWorld(seed);
  let kept: Required<Selection> = { seed, orders: positionsOf(spec.orders), faults: positionsOf(spec.faults) };
  for (const member of ['faults', 'orders'] as const) {
    for (const position of kept[member]) {
      const smaller = { ...kept, [member]: kept[member].filter((other) => other !== position) };
      if (smaller.orders.length === 0) continue;
      const result = await runSelection(smaller, options);
      if (failuresOf(result, options).some(({ rule }) => rules.has(rule))) kept = smaller;
    }
  }
  return kept;
}

const positionsOf = (items: readonly unknown[]): number[] => items.map((_, index) => index + 1);
