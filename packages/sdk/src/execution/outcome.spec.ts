import { FAILURE_MAX_BYTES } from '@orra-ts/protocol';
import { describeViolations, failureFromThrown } from './outcome';

describe('the description of violations', () => {
  it('names each of a few', () => {
    const violations = [
      { path: 'items[0]', message: 'must be an integer' },
      { path: '', message: 'must have a name' },
    ];
    expect(describeViolations(violations)).toBe('items[0]: must be an integer; must have a name');
  });

  it('names twenty of many, and how many more there are', () => {
    const violations = Array.from({ length: 100_000 }, (_, index) => ({ path: `list[${index}]`, message: 'no' }));
    expect(describeViolations(violations)).toMatch(/^list\[0]: no; .*; list\[19]: no; and 99980 more violations$/);
  });

  it('is bounded even if one violation is large', () => {
    const violations = Array.from({ length: 30 }, () => ({
      path: 'x'.repeat(100_000),
      message: 'ü'.repeat(1_000_000),
    }));
    expect(Buffer.byteLength(describeViolations(violations))).toBeLessThan(FAILURE_MAX_BYTES);
  });
});

it('message, details and causes of a failure have a limit together', () => {
  const large = (): Error => Object.assign(new Error('m'.repeat(50_000)), { details: ['d'.repeat(7_000)] });
  const { error, details } = failureFromThrown(
    Object.assign(large(), { cause: new AggregateError([large(), large(), large()]) }),
    'ORRA_HANDLER_FAILED',
  );
  const sent = Buffer.byteLength(error) + Buffer.byteLength(JSON.stringify(details));
  expect(sent).toBeLessThan(FAILURE_MAX_BYTES + 1_000);
  expect(details.details).toEqual(['d'.repeat(7_000)]);
});
