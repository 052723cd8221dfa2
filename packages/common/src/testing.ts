/** `@orra-ts/common/testing`: a clock for tests of code that waits. */
export { ManualClock } from './manual-clock';
