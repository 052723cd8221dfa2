/** What revert handlers receive, and how their results are reported. */
import {
  CompensationResult,
  Handler,
  OrraService,
  RevertHandler,
  defineService,
  type RevertSource,
  type Task,
} from '../src';
import { Payments, type Bank } from './programs/payments';
import { charge, chargeSchema, type Charge, type ChargeRevertSource } from './support/charge';
import { closeAll, createApp, echo, echoSchema, ruled, startApp, startEngine, type EchoInput } from './support/harness';

afterEach(closeAll);

describe('reverts', () => {
  const sources: RevertSource<EchoInput, EchoInput>[] = [];
  const revertible = (revert: (source: RevertSource<EchoInput, EchoInput>) => unknown) =>
    echo((task) => ({ text: `${task.input.text}!` }), { revert: revert as () => void, revertibleFor: '2h' });
  beforeEach(() => sources.splice(0));

  it('a revert gets the input and output of its handler', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [revertible((source) => void sources.push(source))] });
    const task = await engine.sendTask('echo', { text: 'a' });
    const { result } = await task.result();
    const compensation = result?.['compensation'] as { data: unknown; ttl: number };
    expect(compensation.ttl).toBe(7_200_000);
    const revert = await engine.sendCompensation('echo', compensation.data);
    expect((await revert.result()).result).toEqual({ status: 'completed' });
    expect(sources[0]).toMatchObject({
      input: { text: 'a' },
      output: { text: 'a!' },
      attempt: 1,
      idempotencyKey: revert.key,
      context: { orchestrationId: 'o_fake', reason: 'failed', timestamp: new Date('2026-01-01T00:00:00.123Z') },
    });
  });

  it.each([
    ['JavaScript', { type: 'task_request', id: 'task1', input: { text: 'a' }, idempotencyKey: 'k' }],
    ['Python', { text: 'a' }],
  ])('H3: data in the form of the %s SDK is understood', async (_, originalTask) => {
    const engine = await startEngine();
    await startApp(engine, { services: [revertible((source) => void sources.push(source))] });
    await (await engine.sendCompensation('echo', { originalTask, taskResult: { text: 'b' } })).result();
    expect(sources[0]).toMatchObject({ input: { text: 'a' }, output: { text: 'b' } });
  });

  it('H3: a stored value that no longer fits the schema still reaches the revert', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [revertible((source) => void sources.push(source))] });
    await (await engine.sendCompensation('echo', { originalTask: { old: 1 }, taskResult: 7 })).result();
    await (await engine.sendCompensation('echo', null)).result();
    expect(sources.map(({ input, output }) => [input, output])).toEqual([
      [{ old: 1 }, 7],
      [undefined, undefined],
    ]);
  });

  it('H3: a throw is retried, failed() is final, partial() names the rest', async () => {
    const engine = await startEngine();
    let runs = 0;
    await startApp(engine, {
      services: [
        revertible(({ input: { text } }) => {
          runs++;
          if (text === 'throw') throw new Error('later');
          if (text === 'failed') return CompensationResult.failed(new Error('money is gone'));
          return CompensationResult.partial({ completed: ['a'], remaining: ['b'] });
        }),
      ],
    });
    const revert = (text: string) => engine.sendCompensation('echo', { originalTask: { text }, taskResult: {} });
    expect(await (await revert('throw')).result()).toMatchObject({
      error: 'later',
      failure: { code: 'ORRA_REVERT_FAILED', retryable: true },
    });
    const failed = await revert('failed');
    expect(await failed.result()).toMatchObject({
      error: 'money is gone',
      failure: { code: 'ORRA_REVERT_FAILED', retryable: false },
    });
    const before = runs;
    await failed.sendAgain();
    await engine.until(() => engine.outcomesOf(failed.key).length === 2);
    expect(runs).toBe(before);
    expect((await (await revert('partial')).result()).result).toEqual({
      status: 'partial',
      partial: { completed: ['a'], remaining: ['b'] },
    });
  });

  it('a compensation for a service without a revert handler fails with a remedy', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [echo()] });
    expect(await (await engine.sendCompensation('echo', {})).result()).toMatchObject({
      error: expect.stringMatching(/no revert handler.*@RevertHandler/) as string,
      failure: { code: 'ORRA_MISSING_REVERT_HANDLER', retryable: false },
    });
  });

  it('a revert handler runs on the instance of its class', async () => {
    const engine = await startEngine();
    @OrraService({ name: 'stock', description: 'Holds stock' })
    class Stock {
      held: string[] = [];
      @Handler({ input: echoSchema, output: echoSchema })
      hold({ input }: Task<EchoInput>): EchoInput {
        this.held.push(input.text);
        return input;
      }
      @RevertHandler('hold')
      release({ output }: RevertSource<EchoInput, EchoInput>): void {
        this.held = this.held.filter((held) => held !== output.text);
      }
    }
    const stock = new Stock();
    await startApp(engine, { services: [Stock], resolver: { get: () => stock } });
    const { result } = await (await engine.sendTask('stock', { text: 'a' })).result();
    expect(stock.held).toEqual(['a']);
    await (await engine.sendCompensation('stock', (result?.['compensation'] as { data: unknown }).data)).result();
    expect(stock.held).toEqual([]);
  });
});

describe('a revert', () => {
  it('knows the outcome and the key of its task, and what an earlier round left', async () => {
    const engine = await startEngine();
    const sources: ChargeRevertSource[] = [];
    await startApp(engine, {
      services: [charge(() => ({ text: 'a' }), { revert: (source) => void sources.push(source) })],
    });
    const task = await engine.sendTask('charge', {});
    const { result } = await task.result();
    const { data } = result?.['compensation'] as { data: unknown };
    const previous = { completed: ['stock'], remaining: ['mail'] };
    await (await engine.sendCompensation('charge', data, { previous })).outcome();
    expect(sources.map(({ outcome, taskKey, previous, output }) => ({ outcome, taskKey, previous, output }))).toEqual([
      { outcome: 'completed', taskKey: task.key, previous, output: { text: 'a' } },
    ]);
  });

  it('receives the input that was ordered, not the one that the handler changed', async () => {
    const engine = await startEngine();
    const handler = ({ input }: Task<Charge>): Charge => {
      input.text = 'changed';
      return {};
    };
    await startApp(engine, { services: [charge(handler)] });
    const { result } = await (await engine.sendTask('charge', { text: 'ordered' })).result();
    expect(result).toMatchObject({ compensation: { data: { originalTask: { input: { text: 'ordered' } } } } });
  });

  it.each<[string, unknown]>([
    ['an error', new Error('the bank said no')],
    ['an unknown status', { status: 'FAILED' }],
    ['a string', 'completed'],
  ])('that returns %s has not completed, and is final', async (_, value) => {
    const engine = await startEngine();
    await startApp(engine, { services: [charge(() => ({}), { revert: () => value })] });
    const undo = await engine.sendCompensation('charge', null);
    expect(await undo.result()).toMatchObject({ failure: { code: 'ORRA_REVERT_FAILED', retryable: false } });
  });

  it('H1: a partial result that JSON cannot express is sent as strings', async () => {
    const engine = await startEngine();
    const item: { self?: unknown } = {};
    item.self = item;
    const revert = () => CompensationResult.partial({ completed: [5, { a: 1 }] as never, remaining: [item] as never });
    await startApp(engine, { services: [charge(() => ({}), { revert })] });
    expect((await (await engine.sendCompensation('charge', null)).result()).result).toEqual({
      status: 'partial',
      partial: { completed: ['5', '{"a":1}'], remaining: ['[object Object]'] },
    });
  });

  it('without an output, for a service whose `also` does not name its outcome, is refused', async () => {
    const engine = await startEngine();
    const reverts: unknown[] = [];
    const service = charge(() => ({}), { also: ['failed'], revert: (source) => void reverts.push(source) });
    await startApp(engine, { services: [service] });
    const data = { originalTask: { type: 'task_request', idempotencyKey: 'k', input: {} }, taskResult: null };
    const undo = await engine.sendCompensation('charge', data, { outcome: 'unknown' });
    expect(await undo.result()).toMatchObject({ failure: { code: 'ORRA_MISSING_REVERT_HANDLER', retryable: false } });
    expect(reverts).toEqual([]);
  });

  it('gets the input as the transforms of an asynchronous Standard Schema make it', async () => {
    const engine = await startEngine();
    const seen: unknown[] = [];
    const input = ruled(async (value) => Promise.resolve({ value: { text: (value as EchoInput).text.toUpperCase() } }));
    const service = defineService(
      { name: 'echo', description: 'd', input, output: echoSchema, revert: (source) => void seen.push(source.input) },
      (task) => {
        seen.push(structuredClone(task.input));
        task.input.text = 'changed';
        return { text: 'done' };
      },
    );
    await startApp(engine, { services: [service] });
    const { result } = await (await engine.sendTask('echo', { text: 'ordered' })).result();
    await (
      await engine.sendCompensation('echo', (result as { compensation: { data: unknown } }).compensation.data)
    ).result();
    expect(seen).toEqual([{ text: 'ORDERED' }, { text: 'ORDERED' }]);
  });

  it('gets the input as received, even if a rule changes it in place', async () => {
    const engine = await startEngine();
    const seen: unknown[] = [];
    const input = ruled((value) => {
      (value as EchoInput).text += '!';
      return { value };
    });
    const service = defineService(
      { name: 'echo', description: 'd', input, output: echoSchema, revert: (source) => void seen.push(source.input) },
      () => ({ text: 'done' }),
    );
    await startApp(engine, { services: [service] });
    const { result } = await (await engine.sendTask('echo', { text: 'ordered' })).result();
    await (
      await engine.sendCompensation('echo', (result as { compensation: { data: unknown } }).compensation.data)
    ).result();
    expect(seen).toEqual([{ text: 'ordered!' }]);
  });
});

describe('the option `also`', () => {
  it('undoes what the external system knows under the key of the task', async () => {
    const engine = await startEngine();
    const payments = new Map([['k1', 'payment-1']]);
    const refunded: string[] = [];
    const bank: Bank = {
      charge: () => Promise.reject(new Error('not needed')),
      findPayment: (key) => Promise.resolve(payments.get(key)),
      refund: (id) => Promise.resolve(void refunded.push(id)),
    };
    await startApp(engine, { services: [{ class: Payments, useValue: new Payments(bank) }] });
    const input = { account: 'a', amountCents: 100 };
    for (const taskKey of ['k1', 'k2']) {
      const originalTask = { type: 'task_request', id: 'task1', input, idempotencyKey: taskKey };
      const undo = await engine.sendCompensation(
        'payments',
        { originalTask, taskResult: null },
        { outcome: 'unknown', taskKey },
      );
      expect((await undo.result()).result).toEqual({ status: 'completed' });
    }
    expect(refunded).toEqual(['payment-1']);
  });

  it.each<[readonly ('failed' | 'unknown')[], string[]]>([
    [[], []],
    [['failed'], ['revert-failed']],
    [
      ['failed', 'unknown'],
      ['revert-failed', 'revert-unknown'],
    ],
  ])('%j is announced in the registration and for each connection', async (also, announced) => {
    const engine = await startEngine();
    await startApp(engine, { services: [charge(() => ({}), { also })] });
    const capabilities = ['task-meta', 'task-cancel', ...announced];
    expect(engine.registrations[0]?.body).toMatchObject({ capabilities });
    expect(engine.registrations[0]?.body.revertTtlMs).toBe(also.length > 0 ? 86_400_000 : undefined);
    expect((await engine.connected()).capabilities).toEqual(capabilities);
  });

  it('has no effect on the Go engine, which boot reports', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    const { log } = await startApp(engine, { services: [charge(() => ({}), { also: ['unknown'] })] });
    expect(log.text).toMatch(/the option `also` has no effect.*"also":\["unknown"\]/);
    expect((await engine.connected()).capabilities).toEqual([]);
    const ours = await startApp(await startEngine(), { services: [charge(() => ({}), { also: ['unknown'] })] });
    expect(ours.log.text).not.toContain('no effect');
  });

  it.each<[string, object, string]>([
    ['interrupted', { also: ['interrupted'], revert: () => undefined }, '["interrupted"] is not'],
    ['a string', { also: 'failed', revert: () => undefined }, '"failed" is not a list'],
    ['a service without a revert', { also: ['failed'] }, 'without a revert function'],
  ])('is checked at boot: %s', async (_, options, message) => {
    const service = defineService(
      { name: 'charge', description: 'Charges', input: chargeSchema, output: chargeSchema, ...options },
      () => ({}),
    );
    await expect(createApp(await startEngine(), { services: [service] })).rejects.toThrow(message);
  });
});
