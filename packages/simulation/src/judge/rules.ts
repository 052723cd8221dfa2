/** The rules of the judge: names, meanings, and which of them are not enabled yet. */

export const RULES = {
  effects: 'Every charge of a revertible task is the output of a completed orchestration, or refunded, or on the list.',
  committed: 'The same for charges that are the committed output of their task.',
  partial: 'The same for charges whose revert was partial.',
  'undone-once': 'No charge is refunded twice, or although its orchestration completed with it.',
  listed: 'Nothing is on the list unless a row of docs/outcomes.md lists it.',
  'one-end': 'Every orchestration has exactly one end (E5), and every order has an orchestration.',
  decided: 'Nothing is reverted after an operator has resolved or ignored its record.',
  appends: 'The engine gives up its journal only after five refused appends in a row.',
  rest: 'Every world comes to rest, and then the engine waits for nothing either (E8).',
  E1: 'A success is acknowledged only after its output is committed, as that of its task or as a duplicate.',
  E2: 'The same command twice does not create a second event.',
  E3: 'What is sent follows from committed events: one request for each delivery, with committed outputs.',
  E4: 'A task is never sent after its orchestration has ended or its outcome is committed, and nothing is reverted before.',
  E6: 'Reverts run one at a time, the newest first, and not before those of tasks that were built on theirs, within the hold.',
  E7: 'A message counts only on a socket of the service that has the key.',
  E8: 'Attempts have a bound.',
  E9: 'Times come from the clock that the engine was given.',
  E10: 'A late success is committed before it is acknowledged; holders of unwanted tasks are asked to stop.',
  E11: 'Nothing times out or expires early or late, regardless of the wall clock, nor while its service cannot respond.',
  E12: 'A key goes to one connection as long as that is open; later handlers know of the doubt.',
  E13: 'A task is not reverted while a task that was built on it runs within its limit.',
  X1: 'One process runs the handler of a key once at a time.',
  X2: 'An outcome is on the disk before it is sent.',
  X3: 'A stored outcome is not run again; a key that a crash interrupted knows that, or fails.',
  X4: 'Outcomes are sent until they are acknowledged; a failure only until the next attempt begins.',
  X5: 'An outcome is sent after the updates of its task are acknowledged.',
  X6: 'No message exceeds the limit of the engine.',
  X7: 'One process never runs a revert and the handler of its task at once, nor the handler after a revert without an output.',
} as const;

export type RuleName = keyof typeof RULES;

export interface Violation {
  readonly rule: RuleName;
  readonly atMs: number;
  readonly text: string;
}

export type Report = (rule: RuleName, text: string) => void;
