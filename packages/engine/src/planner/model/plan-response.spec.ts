import fc from 'fast-check';
import { parsePlanResponse, type PlanResponse } from './plan-response';

const SUBMITTED = new Set(['orderId']);
const read = (text: string): PlanResponse => parsePlanResponse(text, SUBMITTED);
const PLAN = { tasks: [{ id: 'task1', service: 'orders', input: { orderId: '$task0.orderId' } }] };

describe('the constants of a response', () => {
  const constantsOf = (response: object): unknown =>
    (read(JSON.stringify(response)) as { constants?: unknown }).constants;

  it('are its fields that were not submitted, in our form or as fields of task0', () => {
    expect(constantsOf({ ...PLAN, constants: { city: 'Paris' } })).toEqual({ city: 'Paris' });
    const zero = { id: 'TASK0', input: { orderId: 'invented', city: 'Paris', mode: '$task0.mode' } };
    expect(constantsOf({ tasks: [zero, ...PLAN.tasks] })).toEqual({ city: 'Paris' });
  });

  it('never replace a submitted field, regardless of what the model writes', () => {
    expect(constantsOf({ ...PLAN, constants: { orderId: 'A-18' } })).toEqual({});
  });
});

describe('repairing', () => {
  const task = (input: string): string => `"tasks": [{"id": "task1", "service": "o", "input": ${input}}]`;

  it.each([
    ['strings in single quotes', `{'tasks': [{'id': 'task1', 'service': 'o', 'input': {'note': 'late'}}]}`],
    ['a brace within a string', `{${task('{"note": "} {"}')},}`],
    ['literals of Python', `{"actionable": True, ${task('{"a": None}')}}`],
    ['names without quotes', `{actionable: true, ${task('{}')}}`],
  ])('fixes %s', (_, text) => {
    expect(read(text).kind).toBe('plan');
  });

  it.each([
    ['a comment that may replace a task', `{${task('{}')}\n// then task2 ships it\n}`, /without comments and ellipses/],
    [
      'an ellipsis in place of tasks',
      `{"tasks": [{"id": "task1", "service": "o", "input": {}}, ...]}`,
      /without comments and ellipses/,
    ],
    ['an ellipsis in place of members', `{${task('{"a": "b", ...}')}}`, /without comments and ellipses/],
    ['an apostrophe in single quotes', `{${task("{'note': 'it's late'}")}}`, /in double quotes/],
    ['a repeated member', `{${task('{}')}, ${task('{"a": 1}')}}`, /"tasks" twice/],
    ['JSON that does not end', `{${task('{}')}, "x": ${'[1,'.repeat(50)}`, /does not end/],
    ['JSON that is too deep', `{${task('{}')}, "x": ${'['.repeat(200)}${']'.repeat(200)}}`, /nested more than 100/],
  ])('never guesses at %s', (_, text, message) => {
    const response = read(text);
    expect(response).toMatchObject({ kind: 'unreadable', problems: [{ message: expect.stringMatching(message) }] });
  });

  it('does not change strings that look like reasoning', () => {
    const response = read(`{${task('{"note": "<think>", "more": "</think>"}')}}`);
    expect(response).toMatchObject({ tasks: [{ input: { note: '<think>', more: '</think>' } }] });
  });

  it('does not make a shorter plan of a truncated one', () => {
    const text = JSON.stringify({ tasks: [...PLAN.tasks, { id: 'task2', service: 'ship', input: { a: 'b' } }] });
    for (let length = 1; length < text.length; length++) expect(read(text.slice(0, length)).kind).toBe('unreadable');
  });
});

it('any string is parsed or refused, without an exception', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[`{}[\]"':,\\<>a-z ]{0,80}$/)), (text) => {
      expect(['plan', 'not_actionable', 'unreadable']).toContain(read(text).kind);
    }),
    { numRuns: 2_000 },
  );
});

it('a response that is too long is refused without being parsed', () => {
  expect(read(`{"tasks": "${'x'.repeat(400_000)}"}`)).toMatchObject({
    kind: 'unreadable',
    problems: [{ message: expect.stringContaining('more than 400000 characters') }],
  });
});

describe('hostile responses are parsed in one pass', () => {
  it.each([
    ['braces', '{'.repeat(399_000)],
    ['small objects', '{a}'.repeat(133_000)],
    ['fences', '```'.repeat(133_000)],
    ['an open fence', `\`\`\`${'a'.repeat(399_000)}`],
    ['reasoning that never ends', '<think>'.repeat(57_000)],
    ['reasoning that ends repeatedly', '</think>'.repeat(49_000)],
    ['nested members', '{"a":'.repeat(79_000)],
    ['lines without commas', `{"tasks": ${'"a"\n'.repeat(97_000)}}`],
    ['curled quotes', `{"tasks": ${'\u201c'.repeat(390_000)}}`],
    ['single quotes', `{"tasks": ${"'a' ".repeat(97_000)}}`],
  ])('%s', (_, text) => {
    expect(read(text).kind).toBe('unreadable');
  });
});
