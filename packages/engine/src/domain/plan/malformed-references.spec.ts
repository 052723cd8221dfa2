import { MalformedReferences } from './malformed-references';

const looks = new MalformedReferences(['task0', 'task1', 'left_2', 'Held']);
const value = (text: string): string | undefined => looks.problemOfValue(text, 'left_2');

describe('a string', () => {
  it.each([
    '',
    'plain',
    '$100',
    '$5.00',
    '$5.00 each',
    '$1,000.50',
    'costs $5.00, or $6.50 with tax',
    'US$5.00',
    '$',
    '$$',
    '$.x',
    '$HOME',
    '$task',
    'echo $unknown',
    'mail a$b.com',
    'task1.x',
    '{name}',
    'Dear {name}, see {{ customer.name }}',
    '${HOME}/bin',
    '{task1}',
    '{ "json": { "a": 1 } }',
    '^a$',
    'a ends with $.',
  ])('%j is accepted unchanged', (text) => {
    expect(value(text)).toBeUndefined();
  });

  it.each(['$task1.x', '$task0.a.0.b', '$task1.unit price', '$Held.id'])('%j is a reference', (text) => {
    expect(value(text)).toBeUndefined();
  });

  const MIXED =
    /mixes a reference with other characters; a reference must be the whole value; to pass such a string unchanged, submit it/;
  const UNKNOWN =
    /refers to \S+, which is not a task of this plan; its tasks are: .*; to pass such a string unchanged, submit it/;

  it.each<[string, RegExp]>([
    ['$task1', /^"\$task1" names a task, but no field of its output; write \$task1.field$/],
    ['$task1.', /^"\$task1\." names a task, but no field of its output; write \$task1.field$/],
    ['$TASK1', /^"\$TASK1" names a task, but no field of its output; write \$task1.field$/],
    ['$HELD', /write \$Held.field$/],
    ['$task9', UNKNOWN],
    ['$task9.x', /^refers to task9, which is not a task of this plan; its tasks are: task0, task1, /],
    ['$TASK1.x', /^refers to TASK1, which is not a task of this plan; its tasks are: task1, task0, /],
    ['$held.x', /^refers to held, which is not a task of this plan; its tasks are: Held, /],
    ['$user.name', UNKNOWN],
    ['$été.x', UNKNOWN],
    ['$left_2.x', /^refers to its own task, which cannot wait for itself$/],
    ['$task0.x $task0.y', MIXED],
    ['$task0.x$task0.y', MIXED],
    ['$task0.x, $task9.y', MIXED],
    ['Dear $task0.name', MIXED],
    ['Dear $TASK0.name', MIXED],
    [' $task1.x', MIXED],
    ['a$task1.x', MIXED],
    ['$$task1.x', MIXED],
    ['see $task9.x', MIXED],
    ['see $user.name', MIXED],
    ['$task1 is done', MIXED],
    ['done by $left_2', MIXED],
    ['$5.00 for $task0.name', MIXED],
    ['$task1.x\nand more', MIXED],
    ['${task1.x}', /^"\$\{task1\.x\}" is not a valid reference; write \$task1\.field, as the whole value$/],
    ['${ task1 }', /is not a valid reference; write \$task1.field/],
    ['{{task1.x}}', /is not a valid reference; write \$task1.field/],
    ['{{ Task1.x }}', /is not a valid reference; write \$task1.field/],
    ['{{task1}}', /is not a valid reference/],
    ['{task1.x}', /is not a valid reference/],
    ['$(task1.x)', /is not a valid reference/],
    ['Dear {{ left_2.name }}!', /is not a valid reference; write \$left_2.field/],
    ['{{task9.x}}', /is not a valid reference; write \$task9.field/],
    ['{$task1.x}', MIXED],
  ])('%j is rejected', (text, says) => {
    expect(value(text)).toMatch(says);
  });

  it.each(['$task1.x', '$task9.x', '{{task1.x}}', 'for $task1', '$TASK1.x'])(
    '%j is rejected as the name of a member',
    (name) => {
      expect(looks.problemOfName(name)).toMatch(/is the name of a member; only values can be references$/);
    },
  );

  it.each(['$ref', '$schema', '$5.00', 'price in $', '{name}', 'a.b'])('%j may be the name of a member', (name) => {
    expect(looks.problemOfName(name)).toBeUndefined();
  });

  it.each(['$', '$a', '{', '{{', '{ ', '${', '$task1.', '{{task1', ' ', '$a.'])(
    'of a million times %j is looked through once',
    (part) => {
      // Backtracking would take minutes here and exceed the time limit of the test.
      expect(() => value(part.repeat(1_000_000))).not.toThrow();
      expect(() => value(`${part.repeat(1_000_000)}x`)).not.toThrow();
    },
  );
});
