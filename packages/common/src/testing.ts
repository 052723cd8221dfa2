/** `@orra-ts/common/testing`: what tests of code that waits need. */
export { ManualClock } from './manual-clock';
