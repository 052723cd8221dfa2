/** The rules of the judge: names, meanings, and which of them are not enabled yet. */

export const RULES = {
  effects: 'Every charge of a revertible task is the output of a completed orchestration, or refunded, or on the list.',
  committed: 'The same for charges that are the committed output of their task.',
  partial: 'The same for charges whose revert was partial.',
  'undone-once': 'No charge is refunded twice, or although its orchestration completed with it.',
  listed: 'Nothing is on the list unless a row of docs/outcomes.md lists it.',
  'one-end': 'Every orchestration has exactly one end (E5), and every order has an orchestration.',
  rest: 'Every world comes to rest: nothing waits without an end (E8).',
  E1: 'A success is acknowledged only after it is committed.',
  E4: 'A task is never sent after its orchestration has ended or its outcome is committed.',
  E6: 'A revert does not begin before those of the tasks that were built on its task, within the hold.',
  E10: 'A success that arrives after the engine gave up its task is committed before it is acknowledged.',
  E11: 'No attempt times out and nothing expires early, regardless of the wall clock.',
  E12: 'A key does not start on a second connection while the connection of its holder is open.',
  E13: 'A task is not reverted while a task that was built on it runs within its limit.',
  X1: 'One process runs the handler of a key once at a time.',
  X7: 'One process never runs a revert and the handler of its task at once.',
} as const;

export type RuleName = keyof typeof RULES;

export interface Violation {
  readonly rule: RuleName;
  readonly atMs: number;
  readonly text: string;
}

export type Report = (rule: RuleName, text: string) => void;
