/**
 * Loaded before a program (`node --require`): its wall clock differs from the real one by the milliseconds in the file
 * WALL_CLOCK_FILE. SIGUSR2 reads the file again, so that the clock jumps. Monotonic time and timers do not change.
 */
const { readFileSync } = require('node:fs');

const file = process.env.WALL_CLOCK_FILE;
const RealDate = Date;
let offsetMs = 0;

function jump() {
  offsetMs = Number(readFileSync(file, 'utf8'));
}

const now = () => RealDate.now() + offsetMs;

jump();
process.on('SIGUSR2', jump);
globalThis.Date = new Proxy(RealDate, {
  get: (target, property) => (property === 'now' ? now : Reflect.get(target, property)),
  construct: (target, values, created) => Reflect.construct(target, values.length === 0 ? [now()] : values, created),
  apply: () => new RealDate(now()).toString(),
});
