import { TEXT, check, object, plan, problemsOf, service, ship } from '../../../test/support/plans';
import { planFormProblems, validatePlan } from './plan-validation';
import { describeProblems } from './plan-problems';

describe('references', () => {
  const find = service('find', object({ any: TEXT }), {
    schema: {
      input: object({ any: TEXT }),
      output: object({
        address: object({ street: TEXT, city: TEXT }),
        codes: { type: 'array', items: TEXT, maxItems: 2 },
        amount: { type: 'number', maximum: 4 },
        weight: { type: 'number', minimum: 1 },
        colour: { type: 'string', enum: ['red', 'green'] },
      }),
    },
  });
  const take = service(
    'take',
    object(
      {
        amount: { type: 'number', minimum: 5 },
        colour: { type: 'string', enum: ['blue'] },
        city: TEXT,
        all: { type: 'array', items: TEXT },
      },
      ['city'],
    ),
  );
  const wired = (input: Record<string, unknown>): string =>
    problemsOf(
      validatePlan(
        plan(
          { id: 'task1', service: 'find', input: {} },
          { id: 'task2', service: 'take', input: { city: 'x', ...input } },
        ),
        null,
        [find, take],
      ),
    );

  it.each([
    [{ city: '$task1.address.city' }],
    [{ city: '$task1.codes.1', all: ['$task1.codes.0', '$task1.address.street'] }],
    // Services rarely declare which of their outputs are always present.
    [{ city: '$task1.colour', all: '$task1.codes', amount: '$task1.weight' }],
  ])('%j are valid', (input) => {
    expect(wired(input)).toBe('');
  });

  it.each([
    [
      { city: '$task1.adress.city' },
      'refers to "adress.city", which find does not return; it returns: address, codes, amount, colour, weight',
    ],
    [
      { city: '$task1.address.town' },
      'refers to "address.town", which find does not return; its "address" has: city, street',
    ],
    [
      { city: '$task1.colour.first' },
      'refers to "colour.first", which find does not return; its "colour" is one of ["red","green"]',
    ],
    [
      { city: '$task1.codes.2' },
      'refers to "codes.2", which find does not return; its "codes" has at most 2 items, the first is 0',
    ],
    [
      { city: '$task1.codes.first' },
      'refers to "codes.first", which find does not return; its "codes" has at most 2 items, the first is 0',
    ],
    [
      { city: '$task1.amount' },
      'gets "amount" of find, which is number, at most 4 and must be string; its fitting outputs are: colour',
    ],
    [
      { amount: '$task1.amount' },
      'gets "amount" of find, which is number, at most 4 and must be number, at least 5; its fitting outputs are: weight',
    ],
    [
      { colour: '$task1.colour' },
      'gets "colour" of find, which is one of ["red","green"] and must be one of ["blue"]; none of its outputs fits',
    ],
    [
      { all: '$task1.address' },
      'gets "address" of find, which is object and must be array of string; its fitting outputs are: codes',
    ],
  ])('%j are rejected with what would fit', (input, says) => {
    expect(wired(input)).toBe(`task2.input.${Object.keys(input)[0]}: ${says}`);
  });

  it('are found in names of members, at any depth', () => {
    expect(check([ship({ to: 'x', lines: [{ sku: 'a', '$task0.city': 1 }] })], { city: 'x' })).toBe(
      'task1.input.lines[0].$task0.city: "$task0.city" is the name of a member; only values can be references',
    );
  });

  it('within longer strings are found at any depth, regardless of services and data', () => {
    const wrong = plan(ship({ to: 'x', lines: [{ sku: 'for $task0.city' }] }));
    expect(describeProblems(planFormProblems(wrong))).toMatch(
      /^task1.input.lines\[0\].sku: .* mixes a reference with other characters/,
    );
    expect(check([ship({ to: '$5.00', note: '$100', lines: [{ sku: 'at $5.00' }] })])).toBe('');
  });

  it('are recognized by the ids of the plan, in any form', () => {
    expect(check([ship({ to: 'Dear $left' }), ship({ to: 'x' }, 'left')])).toMatch(
      /mixes a reference with other characters/,
    );
    expect(check([ship({ to: 'Dear $left' }), ship({ to: 'x' }, 'right')])).toBe('');
  });
});
