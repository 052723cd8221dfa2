import { SeededRandom } from './testing';

const draw = (random: SeededRandom): number[] => Array.from({ length: 20 }, () => random.int(1, 1_000));

it('equal seeds draw equal numbers, others do not', () => {
  expect(draw(new SeededRandom('a'))).toEqual(draw(new SeededRandom('a')));
  expect(draw(new SeededRandom('a'))).not.toEqual(draw(new SeededRandom('b')));
});

it('a fork does not depend on what was drawn before, and does not move its parent', () => {
  const random = new SeededRandom('a');
  const early = draw(random.fork('part'));
  const first = draw(random);
  expect(draw(random.fork('part'))).toEqual(early);
  expect(first).toEqual(draw(new SeededRandom('a')));
});

it('whole numbers include both limits and nothing beyond', () => {
  const random = new SeededRandom('limits');
  expect(new Set(Array.from({ length: 200 }, () => random.int(3, 5)))).toEqual(new Set([3, 4, 5]));
});
