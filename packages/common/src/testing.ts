/** `@orra-ts/common/testing`: a clock and random numbers for tests. */
export { ManualClock } from './manual-clock';
export { SeededRandom } from './seeded-random';
