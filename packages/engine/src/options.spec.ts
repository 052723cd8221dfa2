import { homedir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@orra-ts/common';
import { DEFAULT_TIMINGS, resolveEngineOptions, type EngineOptions } from './options';

const logger = silentLogger;

test('without options: the documented defaults', () => {
  expect(resolveEngineOptions({ logger })).toMatchObject({
    port: 8005,
    host: '127.0.0.1',
    storage: join(homedir(), '.orra/engine'),
    plans: [],
    timings: DEFAULT_TIMINGS,
    maxMessageBytes: 10 * 1024 * 1024,
    maxBodyBytes: 10 * 1024 * 1024,
  });
});

test('timings that are given replace the defaults, undefined ones do not', () => {
  const { timings } = resolveEngineOptions({ logger, timings: { taskMaxAttempts: 2, taskTimeoutMs: undefined } });
  expect(timings).toEqual({ ...DEFAULT_TIMINGS, taskMaxAttempts: 2 });
});

test.each([
  [{ port: 70_000 }, 'port: 70000'],
  [{ port: 1.5 }, 'port: 1.5'],
  [{ host: ' ' }, 'host: is empty'],
  [{ storage: '' }, 'storage: is empty'],
  [{ maxMessageBytes: 12 }, 'maxMessageBytes: 12'],
  [{ timings: { taskTimoutMs: 5 } as never }, 'timings.taskTimoutMs: is not a timing; the timings are taskTimeoutMs'],
  [{ timings: { taskMaxAttempts: 0 } }, 'timings.taskMaxAttempts: 0'],
  [{ timings: { taskTimeoutMs: -5 } }, 'timings.taskTimeoutMs: -5'],
  [{ timings: { pingIntervalMs: 0 } }, 'timings.pingIntervalMs: must be above 0'],
  [{ timings: { retryJitter: 2 } }, 'timings.retryJitter: 2'],
  [{ plans: [{ name: 'Bad Name', action: 'a', input: {}, plan: { tasks: [] } }] }, 'plans[0].name'],
  [
    { plans: [{ name: 'good', action: 'a'.repeat(2_001), input: {}, plan: { tasks: [] } }] },
    'plans[0] "good": action: has 2001 characters, at most 2000 are allowed',
  ],
  [
    {
      plans: [
        {
          name: 'good',
          action: 'Pay {skuu}',
          input: { properties: { sku: { type: 'string' } } },
          plan: { tasks: [{ id: 'task1', service: 'pay', input: {} }] },
        },
      ],
    },
    'plans[0] "good": action: {skuu} is not a property of the input; its properties are sku',
  ],
  [{ plans: [{ name: 'good', action: '', input: {}, plan: { tasks: [] } }] }, 'plans[0]/action'],
] as [EngineOptions, string][])('%j is refused with the option named', (options, text) => {
  expect(() => resolveEngineOptions({ logger, ...options })).toThrow(text);
});

test('all wrong options are named together', () => {
  const act = (): unknown => resolveEngineOptions({ logger, port: -1, host: '', timings: { lateResultMs: NaN } });
  expect(act).toThrow(expect.objectContaining({ code: 'ORRA_INVALID_OPTION' }) as Error);
  expect(act).toThrow(/port: .*host: .*timings\.lateResultMs: /);
});
