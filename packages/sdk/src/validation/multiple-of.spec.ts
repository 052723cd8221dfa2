import { isMultipleOf } from './multiple-of';

it.each([
  [0.01, 19.99],
  [0.1, 0.3],
  [0.1, -0.7],
  [3, 9],
  [1e-7, 0.0000003],
  [1e21, 3e21],
  [0.5, 1e300],
  [2, 0],
])('%d divides %d', (divisor, value) => {
  expect(isMultipleOf(divisor, value)).toBe(true);
});

it.each([
  [0.01, 19.995],
  [3, 10],
  [1e9, 1],
  [0.2, 0.3],
])('%d does not divide %d', (divisor, value) => {
  expect(isMultipleOf(divisor, value)).toBe(false);
});
