/** Reads recorded sessions line by line. `fixtures/README.md` describes the lines. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Decoded JSON whose members a test reads; a missing member fails the expectation. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- one exception here instead of a cast at each use
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

/** An intended difference from the recording. `replace` returns the steps that replace the line. */
export interface Amendment {
  /** Line in the recording, starting at 1. */
  readonly line: number;
  readonly reason: string;
  readonly replace: (step: Step, recorded: (line: number) => Step) => Step | readonly Step[];
}

export function amend(steps: readonly Step[], amendments: readonly Amendment[]): Step[] {
  const recorded = (line: number): Step => {
    const step = steps[line - 1];
    if (!step) throw new Error(`the recording does not have line ${line}`);
    return structuredClone(step);
  };
  return steps.flatMap((step, index) => {
    const amendment = amendments.find(({ line }) => line === index + 1);
    return amendment ? amendment.replace(structuredClone(step), recorded) : structuredClone(step);
  });
}
