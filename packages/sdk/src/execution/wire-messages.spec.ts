/**
 * The SDK builds its messages as strings, for speed. Every kind of message that it can send is produced here by a real
 * executor and outbox, and parsed with the protocol's parser, which checks it against its schema.
 */
import { silentLogger } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import {
  CompensationDataSchema,
  SERVICE_MESSAGE_SCHEMAS,
  parseServiceMessage,
  parseValue,
  type CompensationRequest,
  type ServiceMessage,
  type TaskRequest,
  type TaskResult,
} from '@orra-ts/protocol';
import { defineService, type FunctionServiceOptions } from '../definition/define-service';
import { exploreServices } from '../definition/explore';
import { NonRetryableError, RetryableError } from '../errors';
import { MemoryJournal } from '../journal/memory-journal';
import { jsonSchema, type TypedJsonSchema } from '../json-schema';
import { encodePong } from '../outbox/encode-envelope';
import { Outbox } from '../outbox/outbox';
import { resolveCapabilities } from '../outbox/resolved-capabilities';
import { CompensationResult, type Task } from '../task';
import { RequestSecrets } from './request-secrets';
import { ServiceExecutor } from './service-executor';

type Value = Record<string, unknown>;
type Schema = TypedJsonSchema<Value>;
type Options = Partial<FunctionServiceOptions<Schema, Schema>>;

const anything: Schema = jsonSchema<Value>({ type: 'object', properties: { a: {} } });

/** Ids that need escapes in JSON, as another engine may create them. */
const IDS = { id: 'task"1\\', executionId: 'e_\n1', serviceId: 's_"ü', idempotencyKey: 'key\u0000"' };
const ADDRESS = {
  taskId: IDS.id,
  executionId: IDS.executionId,
  serviceId: IDS.serviceId,
  idempotencyKey: IDS.idempotencyKey,
};

const taskRequest = (input: Value = { a: 'ö"\\' }): TaskRequest => ({ type: 'task_request', ...IDS, input });
const revertRequest = (): CompensationRequest => ({
  type: 'compensation_request',
  ...IDS,
  input: { originalTask: taskRequest(), taskResult: { a: 1 } },
});

/** Fails if the protocol refuses the message, or if it has members that the schema does not declare. */
function parsed(text: string): ServiceMessage {
  const result = parseServiceMessage(text);
  if (!result.ok) throw new Error(`${result.error.path}: ${result.error.message}\n${text}`);
  const { id, payload, ...others } = result.value;
  expect(id).not.toBe('');
  expect(others).toEqual({});
  const declared = Object.keys(SERVICE_MESSAGE_SCHEMAS[payload.type].properties);
  expect(Object.keys(payload).filter((member) => !declared.includes(member))).toEqual([]);
  return payload;
}

/** Runs one service; `sent` are the messages that the engine receives from it. */
function service(handler: (task: Task<Value>) => unknown, options: Options = {}, failureDetails = true) {
  const clock = new ManualClock();
  const { definitions, problems } = exploreServices([
    defineService(
      { name: 'svc', description: 'Does', input: anything, output: anything, ...options },
      handler as (task: Task<Value>) => Value,
    ),
  ]);
  expect(problems).toEqual([]);
  const { definition } = definitions[0] as (typeof definitions)[number];
  const sent: string[] = [];
  const outbox = new Outbox({ clock, idPrefix: 'p-', onAcknowledged: () => undefined });
  outbox.connected(IDS.serviceId, (text) => sent.push(text));
  const capabilities = resolveCapabilities({ version: 1, failureDetails, maxMessageBytes: 2_000 }, undefined);
  const executor = new ServiceExecutor({
    definition,
    instance: undefined,
    journal: new MemoryJournal().service('svc'),
    outbox,
    clock,
    logger: silentLogger,
    secrets: new RequestSecrets(definition, silentLogger),
    handlerGraceMs: undefined,
    capabilities: () => capabilities,
  });
  const run = async (request: TaskRequest | CompensationRequest): Promise<ServiceMessage[]> => {
    executor.receive(request);
    await executor.whenIdle();
    return sent.map(parsed);
  };
  return { executor, sent, run };
}

const completed = (output: unknown, compensation: unknown = null): TaskResult => ({
  type: 'task_result',
  ...ADDRESS,
  result: { task: output, compensation },
  error: null,
});

const failed = (error: unknown, code: string, retryable: boolean, more: Value = {}): unknown => ({
  type: 'task_result',
  ...ADDRESS,
  result: null,
  error,
  failure: { code, retryable, ...more },
});

const refuse = (): never => {
  throw new Error('no access');
};
const hostile = new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse });

const throwing = (error: unknown) => (): never => {
  throw error as Error;
};

it('the result of a task', async () => {
  const output = { a: 'ü"\n' };
  expect(await service(() => output).run(taskRequest())).toEqual([completed(output)]);
});

it('the result of a revertible task, with what its revert needs', async () => {
  const options: Options = { revert: () => undefined, revertibleFor: '1h' };
  const [message] = await service(() => ({ a: 1 }), options).run(taskRequest());
  const originalTask = taskRequest();
  expect(message).toEqual(completed({ a: 1 }, { data: { originalTask, taskResult: { a: 1 } }, ttl: 3_600_000 }));
  const { compensation } = (message as TaskResult).result as Value;
  expect(parseValue(CompensationDataSchema, compensation).ok).toBe(true);
});

it.each<[string, unknown, unknown]>([
  ['any error', new Error('no "stock"'), failed('no "stock"', 'ORRA_HANDLER_FAILED', true, { name: 'Error' })],
  [
    'a NonRetryableError',
    new NonRetryableError('gone', { code: 'GONE', details: { left: 0 } }),
    failed('gone', 'GONE', false, { name: 'NonRetryableError', details: { left: 0 } }),
  ],
  [
    'a NonRetryableError whose code is a number',
    new NonRetryableError('refused', { code: 402 as never }),
    failed('refused', '402', false, { name: 'NonRetryableError' }),
  ],
  [
    'a RetryableError',
    new RetryableError('busy', { code: 'BUSY', retryAfter: '2s' }),
    failed('busy', 'BUSY', true, { name: 'RetryableError', retryAfterMs: 2_000 }),
  ],
  [
    'an error of a library, with its causes',
    new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }),
    failed('fetch failed: refused', 'ORRA_HANDLER_FAILED', true, {
      name: 'TypeError',
      causes: [{ message: 'refused', name: 'Error', code: 'ECONNREFUSED' }],
    }),
  ],
  [
    'an error whose causes exceed the limit',
    new Error('short', { cause: Object.assign(new Error('below'), { details: 'x'.repeat(5_000) }) }),
    failed('short: below', 'ORRA_HANDLER_FAILED', true),
  ],
  ['a value that throws on every access', hostile, failed(expect.stringMatching(/./), 'ORRA_HANDLER_FAILED', true)],
  [
    'an error whose message exceeds the limit',
    new Error('x'.repeat(5_000)),
    failed(expect.stringContaining('(5000 characters'), 'ORRA_HANDLER_FAILED', true),
  ],
])('the failure of a task: %s', async (_, error, message) => {
  expect(await service(throwing(error)).run(taskRequest())).toEqual([message]);
});

it('the failure of a task, for an engine that does not read failure details', async () => {
  expect(await service(throwing(new Error('no')), {}, false).run(taskRequest())).toEqual([
    { type: 'task_result', ...ADDRESS, result: null, error: 'no' },
  ]);
});

it('an output that exceeds the limit', async () => {
  expect(await service(() => ({ a: 'x'.repeat(5_000) })).run(taskRequest())).toEqual([
    failed(expect.any(String), 'ORRA_OUTCOME_TOO_LARGE', false, { effect: 'unknown' }),
  ]);
});

it.each<[string, unknown, unknown]>([
  ['with a payload', { reason: 'sold "out"' }, { reason: 'sold "out"' }],
  ['without a payload', undefined, {}],
  ['with a payload that exceeds the limit', 'x'.repeat(5_000), { orra: expect.any(String) }],
])('an abort %s', async (_, payload, task) => {
  expect(await service((running) => running.abort(payload)).run(taskRequest())).toEqual([
    { type: 'task_abort_result', ...ADDRESS, result: { task } },
  ]);
});

it('a progress update', async () => {
  const { executor, sent } = service(async (task) => {
    await task.pushUpdate({ progress: 50, message: 'half "done"' });
    return {};
  });
  executor.receive(taskRequest());
  expect(sent.map(parsed)).toEqual([
    { type: 'task_interim_result', ...ADDRESS, result: { task: { progress: 50, message: 'half "done"' } } },
  ]);
});

it('the status of a task that is still running', () => {
  const { executor, sent } = service(() => new Promise<never>(() => undefined));
  executor.receive(taskRequest());
  executor.receive(taskRequest());
  expect(sent.map(parsed)).toEqual([{ type: 'task_status', ...ADDRESS, status: 'in_progress' }]);
});

it.each<[string, Options['revert'], unknown]>([
  ['completes', () => undefined, { status: 'completed' }],
  [
    'completes in part',
    () => CompensationResult.partial({ completed: ['a"'], remaining: ['b'] }),
    { status: 'partial', partial: { completed: ['a"'], remaining: ['b'] } },
  ],
])('a revert that %s', async (_, revert, result) => {
  expect(await service(() => ({}), { revert }).run(revertRequest())).toEqual([
    { type: 'task_result', ...ADDRESS, result, error: null },
  ]);
});

it.each<[string, Options['revert'], unknown]>([
  ['fails for good', () => CompensationResult.failed('never'), failed('never', 'ORRA_REVERT_FAILED', false)],
  ['throws', throwing(new Error('not now')), failed('not now', 'ORRA_REVERT_FAILED', true, { name: 'Error' })],
  [
    'reports an error as final',
    () => CompensationResult.failed(new RetryableError('shipped', { code: 'SHIPPED', retryAfter: '1h' })),
    failed('shipped', 'SHIPPED', false, { name: 'RetryableError' }),
  ],
  [
    'names more parts than the limit allows',
    () => CompensationResult.partial({ completed: ['x'.repeat(5_000)], remaining: [] }),
    failed(expect.any(String), 'ORRA_OUTCOME_TOO_LARGE', false),
  ],
  ['does not exist', undefined, failed(expect.any(String), 'ORRA_MISSING_REVERT_HANDLER', false)],
])('a revert that %s', async (_, revert, message) => {
  expect(await service(() => ({}), { revert }).run(revertRequest())).toEqual([message]);
});

it.each<[string, (task: Task) => unknown, unknown]>([
  [
    'a result',
    () => ({ a: 'x'.repeat(500) }),
    failed(expect.any(String), 'ORRA_OUTCOME_TOO_LARGE', false, { effect: 'unknown' }),
  ],
  [
    'an abort',
    (task) => task.abort('x'.repeat(500)),
    { type: 'task_abort_result', ...ADDRESS, result: { task: { orra: expect.any(String) } } },
  ],
])('%s that the engine has refused for its size', async (_, handler, replacement) => {
  const { executor, sent, run } = service(handler);
  await run(taskRequest());
  sent.length = 0;
  executor.replaceLargeOutcomes(100);
  await new Promise(setImmediate);
  expect(sent.map(parsed)).toEqual([replacement]);
});

it('a pong', () => {
  const message = parseServiceMessage(encodePong(IDS.serviceId));
  expect(message).toEqual({ ok: true, value: { id: 'pong', payload: { type: 'pong', serviceId: IDS.serviceId } } });
});
