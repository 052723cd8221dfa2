import fc from 'fast-check';
import { formatWireDuration, parseWireDuration } from '.';

it.each([
  [0, '0s'],
  [250, '250ms'],
  [1.5, '1.5ms'],
  [1e-7, '0s'],
  [0.000001, '0.000001ms'],
  [1_000, '1s'],
  [45_000, '45s'],
  [90_500, '1m30.5s'],
  [119_999.999_999_9, '2m0s'],
  [600_000, '10m0s'],
  [3_600_000, '1h0m0s'],
  [86_400_000, '24h0m0s'],
  [-1_500, '-1.5s'],
])('%d ms are written as %s', (ms, text) => {
  expect(formatWireDuration(ms)).toBe(text);
});

it('an encoded duration is parsed as the same duration, to the nanosecond', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e10, max: 1e10, noNaN: true }), (ms) => {
      const text = formatWireDuration(ms);
      expect(text).toMatch(/^-?(\d+h)?(\d+m)?\d+(\.\d+)?m?s$/);
      expect(Math.abs((parseWireDuration(text) ?? NaN) - ms)).toBeLessThanOrEqual(1e-5);
    }),
  );
});

it.each([
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['1us', 0.001],
  ['1µs', 0.001],
  ['10ns', 0.00001],
  ['-1s', -1_000],
  ['+2m', 120_000],
  ['0', 0],
  [' 30s ', 30_000],
  [30_000_000_000, 30_000],
  [{ Duration: 1e9 }, 1_000],
])('%j is read as %d ms', (value, ms) => {
  expect(parseWireDuration(value)).toBe(ms);
});

it.each([
  '',
  '30',
  's',
  '30 s',
  '1d',
  'abc',
  '1h-30m',
  `${'9'.repeat(400)}h`,
  null,
  true,
  [],
  {},
  { Duration: '1s' },
  NaN,
])('%j is no duration', (value) => {
  expect(parseWireDuration(value)).toBeUndefined();
});
