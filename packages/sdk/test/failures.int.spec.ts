/** What the engine and the log of the service receive when user code throws. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import { IsArray, IsInt, IsString } from 'class-validator';
import { CompensationResult, NonRetryableError, RetryableError, defineService, jsonSchema, type Task } from '../src';
import {
  closeAll,
  echo,
  echoSchema,
  startApp,
  startEngine,
  type EchoInput,
  type RecordingLogger,
} from './support/harness';

afterEach(closeAll);

const linesWithStack = (log: RecordingLogger, functionName: string): RecordingLogger['lines'] =>
  log.lines.filter(({ fields }) => String(fields['stack']).includes(functionName));

const totalOf = (order: unknown): number => (order as { readonly total: number }).total;

describe('the log of the service has the stack of an error, once per attempt', () => {
  it('if a handler throws', async () => {
    const engine = await startEngine();
    const { log } = await startApp(engine, { services: [echo(() => totalOf(undefined))] });
    const task = await engine.sendTask('echo', { text: 'a' });
    const { error, failure } = await task.result();
    expect(error).toMatch(/total/);
    expect(failure).toMatchObject({ name: 'TypeError' });
    expect(linesWithStack(log, 'totalOf')).toMatchObject([{ level: 'warn', message: 'handler failed' }]);
    await (await engine.sendTask('echo', { text: 'b' })).result();
    expect(linesWithStack(log, 'totalOf')).toHaveLength(2);
    expect(JSON.stringify(engine.received)).not.toContain('failures.int.spec');
  });

  it('if the output throws while it is encoded', async () => {
    const engine = await startEngine();
    const text = { toJSON: () => totalOf(undefined) };
    const { log } = await startApp(engine, { services: [echo(() => ({ text }))] });
    await (await engine.sendTask('echo', { text: 'a' })).result();
    expect(linesWithStack(log, 'totalOf')).toMatchObject([{ message: 'output refused' }]);
  });

  it('if a revert throws, returns the error, or reports it', async () => {
    const engine = await startEngine();
    let end: (error: Error) => unknown;
    const revert = (): void => {
      try {
        totalOf(undefined);
      } catch (error) {
        return end(error as Error) as undefined;
      }
    };
    const { log } = await startApp(engine, { services: [echo(undefined, { revert })] });
    const ends: ((error: Error) => unknown)[] = [
      (error) => Promise.reject(error),
      (error) => error,
      (error) => CompensationResult.failed(error),
    ];
    for (const [index, next] of ends.entries()) {
      end = next;
      await (await engine.sendCompensation('echo', { originalTask: { text: 'a' }, taskResult: {} })).result();
      expect(linesWithStack(log, 'totalOf')).toHaveLength(index + 1);
    }
  });
});

it('no header of a failed HTTP request reaches the engine or the log', async () => {
  const server = createServer((_, response) => response.writeHead(402, { 'set-cookie': 's3cret' }).end('s3cret'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const charge = (): Promise<unknown> => axios.post(url, { card: 's3cret' }, { headers: { Authorization: 's3cret' } });
  const engine = await startEngine();
  const { log } = await startApp(engine, {
    services: [
      echo(charge),
      echo(() => charge().catch((cause: unknown) => Promise.reject(new Error('not charged', { cause }))), {
        name: 'wrapped',
      }),
    ],
  });
  const [failed, wrapped] = [
    await (await engine.sendTask('echo', { text: 'a' })).result(),
    await (await engine.sendTask('wrapped', { text: 'a' })).result(),
  ];
  server.close();
  const message = 'Request failed with status code 402';
  expect(failed).toMatchObject({ error: message, failure: { name: 'AxiosError', code: 'ERR_BAD_REQUEST' } });
  expect(wrapped).toMatchObject({
    error: `not charged: ${message}`,
    failure: { code: 'ORRA_HANDLER_FAILED', causes: [{ message, name: 'AxiosError', code: 'ERR_BAD_REQUEST' }] },
  });
  expect(JSON.stringify(engine.received) + log.text).not.toContain('s3cret');
});

class Readings {
  @IsArray() @IsInt({ each: true }) list!: number[];
  @IsString({ each: true }) names!: string[];
}

it.each<[string, object]>([
  ['a DTO', Readings],
  [
    'a JSON Schema',
    jsonSchema({
      type: 'object',
      properties: { list: { type: 'array', items: { type: 'integer' } } },
      required: ['list'],
    }),
  ],
])('the message about a list of 100,000 invalid items is short: %s', async (_, input) => {
  const engine = await startEngine();
  const reads = defineService(
    { name: 'reads', description: 'Reads', input: input as never, output: echoSchema },
    () => ({
      text: '',
    }),
  );
  await startApp(engine, { services: [reads] });
  const list = Array.from({ length: 100_000 }, () => 'x');
  const { error, failure } = await (await engine.sendTask('reads', { list, names: ['a'] })).result();
  expect(failure).toMatchObject({ code: 'ORRA_INVALID_INPUT', retryable: false });
  expect(error).toMatch(/list/);
  expect(error).toMatch(/and 99980 more violations$/);
  expect(String(error).length).toBeLessThan(16 * 1024);
});

describe('handlers that throw anything', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  it.each([
    ['null', null, /null was thrown/],
    ['undefined', undefined, /undefined was thrown/],
    ['a string', 'out of stock', /^out of stock$/],
    ['an empty string', '', /empty string/],
    ['an Error without a message', new Error(''), /^Error$/],
    ['a number', 42, /^42$/],
    ['an object', { reason: 'x' }, /reason/],
    ['a cyclic object', cyclic, /its members: self/],
    ['a symbol', Symbol('s'), /Symbol\(s\)/],
    ['a revoked proxy', revoked.proxy, /cannot be read/],
    ['an Error whose message is a bigint', Object.assign(new Error('x'), { message: 5n }), /^5$/],
    [
      'an Error with a message of 10 MB',
      new Error('x'.repeat(10_000_000)),
      /^x{8000,8192}\.\.\. \(10000000 characters\)$/,
    ],
  ])('H1: %s becomes one non-empty error, thrown at once or later', async (_, thrown, text) => {
    const engine = await startEngine();
    await startApp(engine, {
      services: [
        echo(() => {
          throw thrown;
        }),

        echo(() => Promise.reject(thrown), { name: 'later' }),
      ],
    });
    for (const name of ['echo', 'later']) {
      const { result, error, failure } = await (await engine.sendTask(name, { text: 'a' })).result();
      expect(result).toBeNull();
      expect(error).toMatch(text);
      expect(failure).toMatchObject({ code: 'ORRA_HANDLER_FAILED', retryable: true });
    }
  });

  it('errors control retries with code, retryable and retryAfterMs', async () => {
    const engine = await startEngine();
    await startApp(engine, {
      services: [
        echo(() => {
          throw new NonRetryableError('bad card', { code: 'CARD_REFUSED' });
        }),
        echo(
          () => {
            throw new RetryableError('busy', { retryAfter: '2m' });
          },
          { name: 'busy' },
        ),
      ],
    });
    expect((await (await engine.sendTask('echo', { text: 'a' })).result()).failure).toEqual({
      code: 'CARD_REFUSED',
      name: 'NonRetryableError',
      retryable: false,
    });
    expect((await (await engine.sendTask('busy', { text: 'a' })).result()).failure).toEqual({
      code: 'ORRA_RETRYABLE',
      name: 'RetryableError',
      retryable: true,
      retryAfterMs: 120_000,
    });
  });

  it('the Go engine gets only the message', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    await startApp(engine, {
      services: [
        echo(() => {
          throw new NonRetryableError('bad card');
        }),
      ],
    });
    const result = await (await engine.sendTask('echo', { text: 'a' })).result();
    expect(result.error).toBe('bad card');
    expect(result).not.toHaveProperty('failure');
  });

  it('abort is final at the call: a catch, return or later throw does not change it', async () => {
    const engine = await startEngine();
    const swallow = (after: () => unknown) => (task: Task<EchoInput>) => {
      try {
        task.abort({ first: true });
      } catch {
        // A catch in user code.
      }
      try {
        task.abort({ second: true });
      } catch {
        // A second abort.
      }
      return after();
    };
    await startApp(engine, {
      services: [
        echo(
          swallow(() => ({ text: 'returned' })),
          { name: 'returns' },
        ),
        echo(
          swallow(() => {
            throw new Error('thrown');
          }),
          { name: 'throws' },
        ),
      ],
    });
    for (const name of ['returns', 'throws']) {
      const task = await engine.sendTask(name, { text: 'a' });
      expect(await task.outcome()).toMatchObject({ type: 'task_abort_result', result: { task: { first: true } } });
    }
  });

  it('abort without a payload sends an empty one', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [echo((task) => task.abort())] });
    expect(await (await engine.sendTask('echo', { text: 'a' })).outcome()).toMatchObject({ result: { task: {} } });
  });
});
