/**
 * `npm run simulate -- [options]`
 *
 *   --seed N          prints the trace of one world
 *   --orders 1,3      … with only these of its orders
 *   --faults 2        … with only these of its faults; `none` for no fault
 *   --seeds 1..1000   runs many worlds, prints those that fail, and makes each smaller
 *   --brief           with --seeds: does not make failing worlds smaller
 *   --journal         with --seed or --seeds: the simulation of the SDK's file journal alone
 *   --first           with --seeds: ends after the first seed that fails
 *   --coverage        with --seeds: also counts the seeds in which each row of the table of outcomes occurred
 *   --all             checks the rules and injects the faults that `judge/pending.ts` leaves out, too
 */
import { parseArgs } from 'node:util';
import { simulateJournal } from './file-journal/simulate-journal';
import { ROWS } from './judge/coverage';
import { RULES } from './judge/rules';
import { failuresOf, runSelection, shrink, type SearchOptions, type Selection } from './search';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** @throws TypeError */
function positions(value: string | undefined): readonly number[] | undefined {
  if (value === undefined) return undefined;
  if (value === 'none') return [];
  const all = value.split(',').map(Number);
  if (!all.every((position) => Number.isInteger(position) && position >= 1)) {
    throw new TypeError(`\`${value}\` is not a list of positions such as 1,3`);
  }
  return all;
}

/** @throws TypeError */
function range(value: string): readonly [from: number, to: number] {
  const [from = NaN, to = from] = value.split('..').map(Number);
  if (!Number.isInteger(from) || !Number.isInteger(to) || to < from) {
    throw new TypeError(`\`${value}\` is not a range of seeds such as 1..1000`);
  }
  return [from, to];
}

async function printTrace(selection: Selection, all: boolean): Promise<boolean> {
  const options = { all, record: true };
  const result = await runSelection(selection, options);
  for (const line of result.trace) print(line);
  print(`${result.steps} steps, ${result.charges} charges, hash ${result.hash}`);
  return failuresOf(result, options).length === 0;
}

async function printFailures(
  [from, to]: readonly [number, number],
  options: SearchOptions & { readonly brief: boolean; readonly first: boolean; readonly coverage: boolean },
): Promise<boolean> {
  let failed = 0;
  let charges = 0;
  const counts = new Map<string, number>();
  const rows = new Map<string, number>();
  for (let seed = from; seed <= to && !(options.first && failed > 0); seed++) {
    const result = await runSelection({ seed }, options);
    charges += result.charges;
    for (const row of result.rows) rows.set(row, (rows.get(row) ?? 0) + 1);
    const failures = failuresOf(result, options);
    if (failures.length === 0) continue;
    failed++;
    for (const rule of new Set(failures.map((failure) => failure.rule))) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    for (const { rule, text } of failures) print(`seed ${seed}: ${rule}: ${text}`);
    if (options.brief) continue;
    const { orders = [], faults = [] } = await shrink(seed, failures, options);
    const arguments_ = `--seed ${seed} --orders ${orders.join(',')} --faults ${faults.join(',') || 'none'}`;
    print(`  smaller: npm run simulate -- ${arguments_}${options.all ? ' --all' : ''}`);
  }
  if (options.coverage) {
    for (const [row, text] of Object.entries(ROWS)) print(`${String(rows.get(row) ?? 0).padStart(6)}  ${row}: ${text}`);
  }
  for (const [rule, seeds] of counts) print(`${rule} (${RULES[rule as keyof typeof RULES]}) ${seeds} seeds`);
  print(`${to - from + 1} seeds, ${charges} charges, ${failed} failed`);
  return failed === 0;
}

async function printJournals([from, to]: readonly [number, number], trace: boolean): Promise<boolean> {
  let failed = 0;
  for (let seed = from; seed <= to; seed++) {
    const result = await simulateJournal(seed);
    if (trace) for (const line of result.trace) print(line);
    if (result.problems.length > 0) failed++;
    for (const problem of result.problems) print(`seed ${seed}: ${problem}`);
  }
  print(`${to - from + 1} seeds, ${failed} failed`);
  return failed === 0;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      orders: { type: 'string' },
      faults: { type: 'string' },
      all: { type: 'boolean', default: false },
      brief: { type: 'boolean', default: false },
      journal: { type: 'boolean', default: false },
      first: { type: 'boolean', default: false },
      coverage: { type: 'boolean', default: false },
    },
  });
  const { seed, seeds = '1..300', orders, faults, all, brief, journal, first, coverage } = values;
  let ok: boolean;
  if (journal) ok = await printJournals(range(seed ?? seeds), seed !== undefined);
  else if (seed === undefined) ok = await printFailures(range(seeds), { all, brief: brief || first, first, coverage });
  else {
    const chosen = { ...selected('orders', orders), ...selected('faults', faults) };
    ok = await printTrace({ seed: range(seed)[0], ...chosen }, all);
  }
  if (!ok) process.exitCode = 1;
}

function selected(name: 'orders' | 'faults', value: string | undefined): Partial<Selection> {
  const chosen = positions(value);
  return chosen === undefined ? {} : { [name]: chosen };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof TypeError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 2;
});
