import fc from 'fast-check';
import { formatReference, parseReference } from '.';

it.each([
  ['$task1.total', { taskId: 'task1', path: ['total'] }],
  ['$task0.address.lines.0', { taskId: 'task0', path: ['address', 'lines', '0'] }],
  ['$task1.unit price', { taskId: 'task1', path: ['unit price'] }],
])('%s is a reference', (text, reference) => {
  expect(parseReference(text)).toEqual(reference);
});

it.each([
  '$100',
  '$5.00',
  '$5.00 each',
  '$1,000.50',
  '$-1.x',
  '$task1',
  '$task1.',
  '$.a',
  'Order $task0.id',
  ' $task0.id',
  '$a b.c',
  '',
  5,
  null,
  ['$task0.id'],
  {},
])('%j is a literal', (value) => {
  expect(parseReference(value)).toBeUndefined();
});

it('an encoded reference is parsed as the same reference', () => {
  const id = fc.stringMatching(/^[A-Za-z_][\w-]*$/);
  const member = fc.stringMatching(/^[\w-]+$/);
  fc.assert(
    fc.property(id, fc.array(member, { minLength: 1, maxLength: 4 }), (taskId, path) => {
      expect(parseReference(formatReference(taskId, path))).toEqual({ taskId, path });
    }),
  );
});
