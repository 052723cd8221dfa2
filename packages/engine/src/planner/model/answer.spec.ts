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
  const task = (input: string): string => `"tasks": [{"id": "task1", "service": "o", "input": ${input}}]`;

  it.each([
    ['texts in single quotes', `{'tasks': [{'id': 'task1', 'service': 'o', 'input': {'note': 'late'}}]}`],
    ['a brace within a text', `{${task('{"note": "} {"}')},}`],
    ['words of Python', `{"actionable": True, ${task('{"a": None}')}}`],
    ['names without quotes', `{actionable: true, ${task('{}')}}`],
  ])('puts right %s', (_, text) => {
    expect(read(text).kind).toBe('plan');
  });

  it.each([
    [
      'a comment that may stand for a task',
      `{${task('{}')}\n// then task2 ships it\n}`,
      /without comments and ellipses/,
    ],
    [
      'dots in place of tasks',
      `{"tasks": [{"id": "task1", "service": "o", "input": {}}, ...]}`,
      /without comments and ellipses/,
    ],
    ['dots in place of members', `{${task('{"a": "b", ...}')}}`, /without comments and ellipses/],
    ['an apostrophe in single quotes', `{${task("{'note': 'it's late'}")}}`, /in double quotes/],
    ['a member that is there twice', `{${task('{}')}, ${task('{"a": 1}')}}`, /"tasks" twice/],
    ['what does not end', `{${task('{}')}, "x": ${'[1,'.repeat(50)}`, /does not end/],
    [
      'what is too deep to be walked',
      `{${task('{}')}, "x": ${'['.repeat(200)}${']'.repeat(200)}}`,
      /nested more than 100/,
    ],
  ])('never guesses at %s', (_, text, message) => {
    const answer = read(text);
    expect(answer).toMatchObject({ kind: 'unreadable', problems: [{ message: expect.stringMatching(message) }] });
  });

  it('leaves texts alone that look like thinking', () => {
    const answer = read(`{${task('{"note": "<think>", "more": "</think>"}')}}`);
    expect(answer).toMatchObject({ tasks: [{ input: { note: '<think>', more: '</think>' } }] });
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

describe('texts that could take long to read are read once', () => {
  it.each([
    ['braces', '{'.repeat(399_000)],
    ['small objects', '{a}'.repeat(133_000)],
    ['fences', '```'.repeat(133_000)],
    ['an open fence', `\`\`\`${'a'.repeat(399_000)}`],
    ['thinking that never ends', '<think>'.repeat(57_000)],
    ['thinking that ends all the time', '</think>'.repeat(49_000)],
    ['nested members', '{"a":'.repeat(79_000)],
    ['lines without commas', `{"tasks": ${'"a"\n'.repeat(97_000)}}`],
    ['curled quotes', `{"tasks": ${'\u201c'.repeat(390_000)}}`],
    ['single quotes', `{"tasks": ${"'a' ".repeat(97_000)}}`],
  ])('%s', (_, text) => {
    expect(read(text).kind).toBe('unreadable');
  });
});
