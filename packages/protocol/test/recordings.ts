/** Reads the recorded traffic of `fixtures`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RecordedMessage {
  readonly recording: string;
  readonly line: number;
  readonly dir: 'sdk>engine' | 'engine>sdk';
  readonly body: Record<string, unknown>;
  readonly bytes?: number;
}

export interface RecordedBody {
  readonly recording: string;
  readonly line: number;
  readonly kind: string;
  readonly body: Record<string, unknown>;
}

/** Expands the placeholders for repeated letters. */
const restore = (_: string, value: unknown): unknown =>
  typeof value === 'string'
    ? value.replace(/<<x\*(\d+)>>/g, (_run, count: string) => 'x'.repeat(Number(count)))
    : value;

const read = (file: string): unknown[] =>
  readFileSync(join(__dirname, 'fixtures', file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line, restore) as unknown);

export const recordedMessages = read('messages.jsonl') as RecordedMessage[];
const recordedBodies = read('bodies.jsonl') as RecordedBody[];
export const bodiesOf = (kind: string): RecordedBody[] => recordedBodies.filter((body) => body.kind === kind);
export const placeOf = ({ recording, line }: { recording: string; line: number }): string => `${recording}:${line}`;
