/**
 * Extracts the facts from the output of a CLI: ids, keys, URLs, statuses with icons, counts, times, durations, names of tasks,
 * JSON. Two CLIs with the same output in different words have the same facts in the same order.
 */
const FACTS = [
  /\b[opsc]_[A-Za-z0-9]{4,}\b/,
  /\btask_fail_\w+(?![\w.])/,
  /sk-orra-v1-\d+/,
  /https?:\/\/[^\s,]+/,
  /[○◎●✕⊘⏸⊟⊗⊖] [A-Za-z]+(?: (?:Actionable|Partially))?(?: \(\d+\/\d+\))?/,
  /\b\d\d:\d\d:\d\d\b/,
  /\b\d+(?:\.\d+)?(?:ms|[sm])\b(?= ago| elapsed|\)| {2,}|$)/,
  /\[=*>? *\] \d+%/,
  /"[\w-]+": (?:"(?:[^"\\]|\\.)*"|[^\s,"[{]+)/,
  /\b\d+ of \d+\b/,
  /\[(?:FAILED|ABORTED|PENDING|RESOLVED|IGNORED)\]/,
  /\btask\d+\b/,
  /\b(?:stock-holder|card-charger|slow-painter|night-clerk|order-use-cases|online-shop)\b/,
];
const ANY_FACT = new RegExp(FACTS.map(({ source }) => source).join('|'), 'gm');

export const printedFacts = (text: string): string[] =>
  // eslint-disable-next-line no-control-regex -- colour codes are not facts
  [...text.replace(/\u001b\[[0-9;]*m/g, '').matchAll(ANY_FACT)]
    .map(([fact]) => fact)
    // Repetitions of a fact do not count, such as ids in hints.
    .filter((fact, i, all) => fact !== all[i - 1]);

/** Returns the first fact that is missing or out of order, or undefined. */
export function missingFact(wanted: readonly string[], found: readonly string[]): string | undefined {
  let at = 0;
  for (const fact of wanted) {
    const next = found.indexOf(fact, at);
    if (next === -1) return fact;
    at = next + 1;
  }
  return undefined;
}
