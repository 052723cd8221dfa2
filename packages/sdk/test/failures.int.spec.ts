/** What the engine and the log of the service receive when user code throws. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import { IsArray, IsInt, IsString } from 'class-validator';
import { CompensationResult, defineService, jsonSchema } from '../src';
import { closeAll, echo, echoSchema, startApp, startEngine, type RecordingLogger } from './support/harness';

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
