/** Recorded exchanges of the Go engine, and a manual clock that advances with real I/O. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManualClock } from '@orra-ts/common/testing';
import type { FakeEventStream, FakeHttpEngine, FakeHttpResponse } from '@orra-ts/fakes';

export interface RecordedExchange {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly answer: FakeHttpResponse;
}

const exchanges = new Map(
  readFileSync(join(__dirname, 'fixtures', 'recorded-exchanges.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedExchange)
    .map((exchange) => [exchange.name, exchange]),
);

export function recorded(name: string): RecordedExchange {
  const exchange = exchanges.get(name);
  if (!exchange) throw new Error(`there is no recorded exchange named ${name}`);
  return exchange;
}

/** Shorter than the timeout of jest, because a loop that continues after its test would keep the process alive. */
const GIVE_UP_MS = 4_500;

/** Scripts the route of a recorded exchange with its recorded response. */
export function replay(engine: FakeHttpEngine, name: string): RecordedExchange {
  const exchange = recorded(name);
  engine.script(exchange.method, exchange.path, exchange.answer);
  return exchange;
}

/** Resolves with the next event stream that a client opens. The clock advances while the client waits to reconnect. */
export const nextStream = (engine: FakeHttpEngine, clock: ManualClock): Promise<FakeEventStream> =>
  drive(clock, engine.nextStream(), 10_000);

/** Waits for real I/O, and advances the clock to its next timer if that is at most `withinMs` away. */
async function passTime(clock: ManualClock, withinMs: number): Promise<void> {
  const next = clock.nextTimerMs;
  if (next === undefined || next > withinMs) await new Promise((resolve) => setImmediate(resolve));
  else await clock.advance(next);
}

/** Waits for real I/O and advances the clock to its next timer, repeatedly, until the promise is settled. */
export async function drive<T>(clock: ManualClock, promise: Promise<T>, withinMs = Infinity): Promise<T> {
  const state = { isSettled: false };
  const settle = (): void => void (state.isSettled = true);
  promise.then(settle, settle);
  for (const giveUpAt = Date.now() + GIVE_UP_MS; !state.isSettled;) {
    if (Date.now() > giveUpAt) throw new Error('what was driven does not come to an end');
    await passTime(clock, withinMs);
  }
  return promise;
}
