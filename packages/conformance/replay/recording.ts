/** Recorded sessions, line by line: `fixtures/README.md` says what a line holds. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Decoded JSON that a test looks into member by member: whatever is not there fails the expectation. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one place that says so, instead of a cast at each look
export type Json = any;

export interface Answer {
  status: number;
  type?: string | null;
  body?: Json;
}

export interface Step {
  /** Milliseconds since the start of the recording. */
  t: number;
  http?: string;
  body?: Json;
  answer?: Answer;
  conn?: number;
  connect?: string;
  sdk?: Json;
  engine?: Json;
  close?: number;
  ping?: 'sdk' | 'engine';
  note?: string;
}

const FOLDER = path.join(__dirname, '..', 'fixtures', 'recordings');

export function loadRecording(name: string): Step[] {
  const text = readFileSync(path.join(FOLDER, `${name}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Step);
}

/** Where ours differs from the recording on purpose. `replace` answers what stands in place of the line. */
export interface Amendment {
  /** Line in the recording, counted from 1. */
  readonly line: number;
  readonly because: string;
  readonly replace: (step: Step, recorded: (line: number) => Step) => Step | readonly Step[];
}

export function amend(steps: readonly Step[], amendments: readonly Amendment[]): Step[] {
  const recorded = (line: number): Step => {
    const step = steps[line - 1];
    if (!step) throw new Error(`the recording has no line ${line}`);
    return structuredClone(step);
  };
  return steps.flatMap((step, index) => {
    const amendment = amendments.find(({ line }) => line === index + 1);
    return amendment ? amendment.replace(structuredClone(step), recorded) : structuredClone(step);
  });
}
