import { retryAfterMs } from './retry-after';

const NOW = Date.UTC(2026, 0, 1);

it.each([
  ['seconds', { 'retry-after': '7' }, 7_000],
  ['parts of a second', { 'retry-after': '0.5' }, 500],
  ['a date', { 'retry-after': new Date(NOW + 9_000).toUTCString() }, 9_000],
  ['a date that has passed', { 'retry-after': new Date(NOW - 9_000).toUTCString() }, 0],
  ['milliseconds, which are more exact', { 'retry-after-ms': '120', 'retry-after': '1' }, 120],
  ['nothing', {}, undefined],
  ['nothing that can be read', { 'retry-after': 'soon' }, undefined],
  ['a number below zero, which reads as a date that has passed', { 'retry-after': '-5' }, 0],
])('an endpoint that says %s', (_, headers, expected) => {
  expect(retryAfterMs(headers, NOW)).toBe(expected);
});
