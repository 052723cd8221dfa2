import fc from 'fast-check';
import { readAnswer, type ModelAnswer } from './answer';

const SUBMITTED = new Set(['orderId']);
const read = (text: string): ModelAnswer => readAnswer(text, SUBMITTED);
const PLAN = { tasks: [{ id: 'task1', service: 'orders', input: { orderId: '$task0.orderId' } }] };

describe('the constants of an answer', () => {
  const constantsOf = (answer: object): unknown => (read(JSON.stringify(answer)) as { constants?: unknown }).constants;

  it('are what it gives beside the submitted fields, in our form or as fields of task0', () => {
    expect(constantsOf({ ...PLAN, constants: { city: 'Paris' } })).toEqual({ city: 'Paris' });
    const zero = { id: 'TASK0', input: { orderId: 'invented', city: 'Paris', mode: '$task0.mode' } };
    expect(constantsOf({ tasks: [zero, ...PLAN.tasks] })).toEqual({ city: 'Paris' });
  });

  it('never stand for a submitted field, whatever the model writes there', () => {
    expect(constantsOf({ ...PLAN, constants: { orderId: 'A-18' } })).toEqual({});
  });
});

describe('repairing', () => {
  it.each([
    [
      'texts in single quotes with an apostrophe',
      `{'tasks': [{'id': 'task1', 'service': 'o', 'input': {'note': 'it\\'s'}}]}`,
    ],
    ['a brace within a text', '{"tasks": [{"id": "task1", "service": "o", "input": {"note": "} {"}},]}'],
    ['words of Python', '{"actionable": True, "tasks": [{"id": "task1", "service": "o", "input": {"a": None}}]}'],
  ])('puts right %s', (_, text) => {
    expect(read(text).kind).toBe('plan');
  });

  it('makes no shorter plan of one that was cut off', () => {
    const text = JSON.stringify({ tasks: [...PLAN.tasks, { id: 'task2', service: 'ship', input: { a: 'b' } }] });
    for (let length = 1; length < text.length; length++) expect(read(text.slice(0, length)).kind).toBe('unreadable');
  });
});

it('any text at all is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[`{}[\]"':,\\<>a-z ]{0,80}$/)), (text) => {
      expect(['plan', 'not_actionable', 'unreadable']).toContain(read(text).kind);
    }),
    { numRuns: 2_000 },
  );
});

it('an answer of enormous length is refused unread', () => {
  expect(read(`{"tasks": "${'x'.repeat(400_000)}"}`)).toMatchObject({
    kind: 'unreadable',
    problems: [{ message: expect.stringContaining('more than 400000 characters') }],
  });
});

it('texts that could take long to search do not', () => {
  for (const text of ['{'.repeat(100_000), '```'.repeat(50_000), '<think>'.repeat(40_000), '{"a":'.repeat(60_000)]) {
    expect(read(text).kind).toBe('unreadable');
  }
});
