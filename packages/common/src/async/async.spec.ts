import { getEventListeners } from 'node:events';
import { ManualClock } from '../testing';
import { raceAbort, signalOfCall, whenAborted } from './abort';
import { deferred } from './deferred';
import { Latch } from './latch';
import { adopt, callMaybeAsync } from './maybe-promise';
import { LimitedQueue, Semaphore } from './semaphore';
import { callWithTimeout, resolvesWithin, withTimeout } from './timeout';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const late = (): Error => new Error('late');

describe('a deferred promise', () => {
  it('settles only once', async () => {
    const good = deferred<number>();
    good.resolve(1);
    good.reject(new Error('too late'));
    await expect(good.promise).resolves.toBe(1);
    const bad = deferred();
    bad.reject(new Error('no'));
    await expect(bad.promise).rejects.toThrow('no');
  });
});

describe('a latch', () => {
  it('lets every waiter continue at a release', async () => {
    const latch = new Latch();
    const passed: string[] = [];
    for (const name of ['a', 'b', 'c']) void latch.wait().then(() => passed.push(name));
    await turn();
    expect(passed).toEqual([]);
    latch.release();
    await turn();
    expect(passed).toEqual(['a', 'b', 'c']);
  });

  it('a waiter that comes after a release waits for the next one', async () => {
    const latch = new Latch();
    latch.release();
    let passed = false;
    void latch.wait().then(() => (passed = true));
    await turn();
    expect(passed).toBe(false);
    latch.release();
    await turn();
    expect(passed).toBe(true);
  });
});

describe('a race with a signal', () => {
  it('resolves with the value and removes its listener', async () => {
    const { signal } = new AbortController();
    const remove = jest.spyOn(signal, 'removeEventListener');
    await expect(raceAbort(Promise.resolve(1), signal)).resolves.toBe(1);
    expect(remove).toHaveBeenCalledTimes(1);
  });

  it('rejects with the reason of an abort, and ignores how the work ends', async () => {
    const ending = new AbortController();
    const work = deferred<number>();
    const race = raceAbort(work.promise, ending.signal);
    ending.abort(new Error('gone'));
    await expect(race).rejects.toThrow('gone');
    work.reject(new Error('nobody listens'));
    await turn();
  });

  it('rejects when the signal was aborted before', async () => {
    await expect(raceAbort(deferred().promise, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });

  it('an abort can be awaited, also after it happened', async () => {
    const ending = new AbortController();
    const aborted = whenAborted(ending.signal);
    ending.abort();
    await aborted;
    await whenAborted(ending.signal);
  });
});

describe('a timeout', () => {
  it('resolves with a value that arrives in time and leaves no timer', async () => {
    const clock = new ManualClock();
    const work = deferred<number>();
    const result = withTimeout(clock, 10, work.promise, late);
    await clock.advance(9);
    work.resolve(1);
    await expect(result).resolves.toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects after its time, and ignores a later rejection', async () => {
    const clock = new ManualClock();
    const work = deferred<number>();
    const result = expect(withTimeout(clock, 10, work.promise, late)).rejects.toThrow('late');
    await clock.advance(10);
    await result;
    work.reject(new Error('nobody listens'));
    await turn();
  });

  it('rejects as the work does and leaves no timer', async () => {
    const clock = new ManualClock();
    await expect(withTimeout(clock, 10, Promise.reject(new Error('no')), late)).rejects.toThrow('no');
    await expect(resolvesWithin(clock, 10, Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(clock.pendingTimers).toBe(0);
  });

  it('can resolve with false instead of a rejection', async () => {
    const clock = new ManualClock();
    await expect(resolvesWithin(clock, 10, Promise.resolve())).resolves.toBe(true);
    const never = resolvesWithin(clock, 10, deferred().promise);
    await clock.advance(10);
    await expect(never).resolves.toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a call with a timeout', () => {
  const start = (clock: ManualClock, signal: AbortSignal): { result: Promise<unknown>; seen: AbortSignal[] } => {
    const seen: AbortSignal[] = [];
    const result = callWithTimeout({ clock, ms: 10, signal, timeoutError: late }, (own) => {
      seen.push(own);
      return deferred().promise;
    });
    result.catch(() => undefined);
    return { result, seen };
  };

  it('aborts the signal of work that ignores it, after its time', async () => {
    const clock = new ManualClock();
    const { result, seen } = start(clock, new AbortController().signal);
    await clock.advance(10);
    await expect(result).rejects.toThrow('late');
    expect(seen[0]?.aborted).toBe(true);
  });

  it('passes on an abort of the outer signal and leaves no timer', async () => {
    const clock = new ManualClock();
    const outer = new AbortController();
    const { result, seen } = start(clock, outer.signal);
    outer.abort(new Error('gone'));
    await expect(result).rejects.toThrow('gone');
    expect(seen[0]?.reason).toEqual(new Error('gone'));
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not begin when the outer signal is aborted', async () => {
    const { result, seen } = start(new ManualClock(), AbortSignal.abort(new Error('before')));
    await expect(result).rejects.toThrow('before');
    expect(seen).toEqual([]);
  });
});

describe('a semaphore', () => {
  const jobs = (
    semaphore: Semaphore,
  ): { run(name: string, signal?: AbortSignal): Promise<string>; started: string[]; end(name: string): void } => {
    const started: string[] = [];
    const ends = new Map<string, () => void>();
    return {
      started,
      run: (name, signal) =>
        semaphore.run(async () => {
          started.push(name);
          const ending = deferred();
          ends.set(name, ending.resolve);
          await ending.promise;
          return name;
        }, signal),
      end: (name) => ends.get(name)?.(),
    };
  };

  it('starts work up to its limit at once, and the rest in order', async () => {
    const { run, started, end } = jobs(new Semaphore(2));
    const all = Promise.all(['a', 'b', 'c', 'd'].map((name) => run(name)));
    // Started synchronously in the call.
    expect(started).toEqual(['a', 'b']);
    end('b');
    await turn();
    expect(started).toEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c']) end(name);
    await turn();
    end('d');
    await expect(all).resolves.toEqual(['a', 'b', 'c', 'd']);
  });

  it('starts the next work after a failure', async () => {
    const semaphore = new Semaphore(1);
    await expect(semaphore.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(
      semaphore.run(() => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    await expect(semaphore.run(() => Promise.resolve(1))).resolves.toBe(1);
  });

  it('work that is cancelled in the queue is not started and does not take a place', async () => {
    const { run, started, end } = jobs(new Semaphore(1));
    const ending = new AbortController();
    const first = run('first');
    const second = run('second', ending.signal);
    const third = run('third', new AbortController().signal);
    ending.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    end('first');
    await first;
    await turn();
    expect(started).toEqual(['first', 'third']);
    end('third');
    await third;
    await expect(run('late', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });

  it('an abort in the turn in which its place becomes free leaves the place free', async () => {
    const semaphore = new Semaphore(1);
    const ending = new AbortController();
    const work = deferred();
    const first = semaphore.run(() => work.promise);
    const second = semaphore.run(() => Promise.resolve('second'), ending.signal);
    second.catch(() => undefined);
    ending.abort(new Error('gone'));
    work.resolve();
    await first;
    await expect(second).rejects.toThrow('gone');
    await expect(semaphore.run(() => Promise.resolve('third'))).resolves.toBe('third');
  });
});

describe('a limited queue', () => {
  it('starts items in order and can give up those that have not started', () => {
    const started: string[] = [];
    const queue = new LimitedQueue<string>(1, (item) => started.push(item));
    expect(['a', 'b', 'c', 'd'].map((item) => queue.admit(item))).toEqual([true, false, false, false]);
    expect([queue.withdraw('a'), queue.withdraw('b')]).toEqual([false, true]);
    queue.release();
    expect(started).toEqual(['a', 'c']);
    expect(queue.clear()).toEqual(['d']);
    queue.release();
    queue.admit('e');
    expect(started).toEqual(['a', 'c', 'e']);
  });
});

describe('a value or a promise', () => {
  const double = (value: number): number | string => value * 2;
  const failed = (error: unknown): string => `failed: ${(error as Error).message}`;

  it('a value is passed on synchronously', () => {
    expect(callMaybeAsync(() => 2, double)).toBe(4);
  });

  it('a promise and any object with `then` are passed on later', async () => {
    await expect(callMaybeAsync(() => Promise.resolve(2), double)).resolves.toBe(4);
    const thenable: PromiseLike<number> = { then: (onValue) => Promise.resolve(2).then(onValue) };
    await expect(callMaybeAsync(() => thenable, double)).resolves.toBe(4);
  });

  it('a thrown error is handled synchronously, a rejection later', async () => {
    const thrown = callMaybeAsync(
      (): number => {
        throw new Error('now');
      },
      double,
      failed,
    );
    expect(thrown).toBe('failed: now');
    await expect(callMaybeAsync(() => Promise.reject<number>(new Error('later')), double, failed)).resolves.toBe(
      'failed: later',
    );
  });

  it('an error of the continuation, or without a handler, is not handled', () => {
    const broken = (): never => {
      throw new Error('mine');
    };
    expect(() => callMaybeAsync(() => 1, broken, failed)).toThrow('mine');
    expect(() => callMaybeAsync(broken, double)).toThrow('mine');
  });
});

describe('adopting a value', () => {
  /** A promise with an accessor that throws after some accesses, and before that returns what promises have. */
  function withMember(name: 'constructor' | 'then', allowed: number): Promise<number> {
    let reads = 0;
    return Object.defineProperty(Promise.resolve(1), name, {
      get: () => {
        if (reads++ >= allowed) throw new Error(`no ${name}`);
        return Promise.prototype[name] as unknown;
      },
    });
  }

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 1],
    ['a string', 'then'],
    ['an object', { a: 1 }],
    ['an object whose `then` is not a function', { then: 1 }],
    ['a function', (): void => undefined],
  ])('%s is not a promise', (_, value) => {
    expect(adopt(value)).toBeUndefined();
  });

  it('an accessor that throws is a rejection', async () => {
    const value = {
      get then(): unknown {
        throw new Error('no');
      },
    };
    await expect(adopt<unknown>(value)).rejects.toThrow('no');
  });

  it('`then` is read once, and called later with its own `this`', async () => {
    let reads = 0;
    let calls = 0;
    const value = {
      get then(): (resolve: (value: unknown) => void) => void {
        reads++;
        return function (this: unknown, resolve) {
          calls++;
          resolve(this === value);
        };
      },
    };
    const adopted = adopt<unknown>(value);
    expect([reads, calls]).toEqual([1, 0]);
    await expect(adopted).resolves.toBe(true);
    expect([reads, calls]).toEqual([1, 1]);
  });

  it('a promise is returned as it is, because a second one for every task would be expensive', async () => {
    const value = Promise.resolve(1);
    expect(adopt(value)).toBe(value);
    const failed = Promise.reject(new Error('no'));
    expect(adopt(failed)).toBe(failed);
    await expect(failed).rejects.toThrow('no');
  });

  it.each<[string, () => Promise<number>, object]>([
    [
      'behind a proxy',
      () => new Proxy(Promise.resolve(1), {}),
      { error: expect.stringContaining('receiver') as string },
    ],
    ['whose constructor throws', () => withMember('constructor', 0), { error: 'no constructor' }],
    ['whose `then` throws at the second access', () => withMember('then', 1), { value: 1 }],
  ])(
    'a promise %s is adopted as `await` does, and `then` of the result does not throw',
    async (_, create, expected) => {
      const settled = adopt<unknown>(create())?.then(
        (value) => ({ value }),
        (error: unknown) => ({ error: (error as Error).message }),
      );
      expect(await settled).toEqual(expected);
    },
  );

  it('a subclass of Promise is adopted through its own `then`', async () => {
    class Lazy extends Promise<number> {
      override then<A, B>(ok?: ((value: number) => A | PromiseLike<A>) | null): Promise<A | B> {
        return Promise.resolve(7).then(ok);
      }
    }
    await expect(adopt(new Lazy(() => undefined))).resolves.toBe(7);
  });
});

it('listeners on the signal of a call do not add up on the signal that the calls share', () => {
  const shared = new AbortController();
  const signals = Array.from({ length: 20 }, () => signalOfCall(shared.signal));
  const aborted: unknown[] = [];
  for (const signal of signals) signal.addEventListener('abort', () => aborted.push(signal.reason));
  expect(getEventListeners(shared.signal, 'abort')).toHaveLength(0);
  shared.abort('enough');
  expect(aborted).toEqual(Array.from({ length: 20 }, () => 'enough'));
});
