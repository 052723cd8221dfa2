import { retryAfterMs } from './retry-after';

const NOW = Date.UTC(2026, 0, 1);

it.each([
  ['seconds', { 'retry-after': '7' }, 7_000],
  ['fractions of a second', { 'retry-after': '0.5' }, 500],
  ['a date', { 'retry-after': new Date(NOW + 9_000).toUTCString() }, 9_000],
  ['a date in the past', { 'retry-after': new Date(NOW - 9_000).toUTCString() }, 0],
  ['milliseconds, which are more precise', { 'retry-after-ms': '120', 'retry-after': '1' }, 120],
  ['nothing', {}, undefined],
  ['an unreadable value', { 'retry-after': 'soon' }, undefined],
  ['a negative number, which parses as a date in the past', { 'retry-after': '-5' }, 0],
])('an endpoint that responds with %s', (_, headers, expected) => {
  expect(retryAfterMs(headers, NOW)).toBe(expected);
});
