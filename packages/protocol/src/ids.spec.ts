import fc from 'fast-check';
import {
  mintApiKey,
  mintCompensationExecutionId,
  mintCompensationId,
  mintExecutionId,
  mintOrchestrationId,
  mintProjectId,
  mintServiceId,
  nameProblem,
} from '.';

/** Returns increasing bytes, so that every byte occurs. */
const counting = () => {
  let next = 0;
  return (size: number) => Uint8Array.from({ length: size }, () => next++ % 256);
};

/** Pseudo-random bytes that depend only on the seed (mulberry32). */
const seeded = (seed: number) => (size: number) =>
  Uint8Array.from({ length: size }, () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) & 255;
  });

it.each([
  ['project', mintProjectId, /^p_[2-9A-HJ-NP-Za-km-z]{22}$/],
  ['orchestration', mintOrchestrationId, /^o_[2-9A-HJ-NP-Za-km-z]{22}$/],
  ['compensation', mintCompensationId, /^c_[2-9A-HJ-NP-Za-km-z]{22}$/],
  ['execution', mintExecutionId, /^e_[2-9A-HJ-NP-Za-km-z]{22}$/],
  ['compensation execution', mintCompensationExecutionId, /^e_comp_[2-9A-HJ-NP-Za-km-z]{22}$/],
  ['service', mintServiceId, /^s_[a-z]{28}$/],
  ['API key', mintApiKey, /^sk-orra-v1-[0-9a-f]{64}$/],
])('a %s id has the form that the public clients expect', (_, mint, form) => {
  const random = counting();
  for (let run = 0; run < 50; run++) expect(mint(random)).toMatch(form);
});

it('letters are equally likely: bytes that would favour some letters are rejected', () => {
  const counts = new Map<string, number>();
  // Without the rejection, 22 of the 26 letters would be a ninth more likely than the others.
  const random = seeded(1);
  for (let run = 0; run < 20_000; run++) {
    for (const letter of mintServiceId(random).slice(2)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  const values = [...counts.values()];
  expect(counts.size).toBe(26);
  expect(Math.max(...values) / Math.min(...values)).toBeLessThan(1.06);
});

it('the same randomness gives the same id', () => {
  expect(mintServiceId(counting())).toBe(mintServiceId(counting()));
});

describe('names', () => {
  it.each(['abc', 'a-b', 'inventory-service', 'shop.reserve', '1a2', 'a'.repeat(63)])('%s is valid', (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  it.each(['', 'ab', 'a'.repeat(64), 'Abc', 'a_b', '-ab', 'ab-', '.ab', 'a b', 'äää'])(
    '%s is not, and it is said why',
    (name) => {
      expect(nameProblem(name)).toMatch(/characters long|lower-case letters/);
    },
  );

  it('every valid name matches the pattern', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        if (nameProblem(name) === undefined) expect(name).toMatch(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
      }),
    );
  });
});
