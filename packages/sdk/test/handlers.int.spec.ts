/** What handlers may return, and what they may do with their task. */
import { getEventListeners } from 'node:events';
import { hasCurrentTask, defineService, type ServiceSource } from '../src';
import { closeAll, echo, echoSchema, gate, ruled, startApp, startEngine, type EchoInput } from './support/harness';

afterEach(closeAll);

describe('H1: a thenable is adopted as `await` does', () => {
  const revoked = (): unknown => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  const output = { text: 'first' };
  type Settle = (value: unknown) => void;

  it.each<[string, () => unknown, unknown]>([
    ['resolves twice', () => ({ then: (ok: Settle) => [output, { text: 'second' }].forEach(ok) }), output],
    ['resolves with a promise', () => ({ then: (ok: Settle) => ok(Promise.resolve(output)) }), output],
    ['is a function', () => Object.assign(() => undefined, { then: (ok: Settle) => ok(output) }), output],
    [
      'is a promise with its own `then`',
      () => Object.assign(Promise.resolve({ text: 'inner' }), { then: (ok: Settle) => ok(output) }),
      output,
    ],
    [
      'throws in `then`',
      () => ({
        then() {
          throw new Error('no connection');
        },
      }),
      /no connection/,
    ],
    [
      'throws in a getter',
      () => ({
        get then() {
          throw new Error('no connection');
        },
      }),
      /no connection/,
    ],
    ['is a revoked proxy', revoked, /revoked/],
    ['is a proxy of a promise', () => new Proxy(Promise.resolve(output), {}), /incompatible receiver/],
  ])('that %s, from a handler, a rule of its input, and a rule of its output', async (_, value, expected) => {
    const engine = await startEngine();
    // A rule resolves with a result in place of the value.
    const rule = (): unknown => {
      const given = value() as { then: (ok: Settle, fail: Settle) => unknown };
      if (expected instanceof RegExp) return given;
      const fulfil =
        (ok: Settle): Settle =>
        (text) =>
          ok({ value: text });
      return {
        then: (ok: Settle, fail: Settle) =>
          given.then((first) => void Promise.resolve(first).then(fulfil(ok), fail), fail),
      };
    };
    const service = (name: string, sides: object, handler: () => unknown): ServiceSource =>
      defineService(
        { name, description: 'd', input: echoSchema, output: echoSchema, ...sides },
        handler as () => EchoInput,
      );
    await startApp(engine, {
      // A busy machine may delay the ACK of an outcome, which would then be sent again.
      connection: { ackTimeout: '1h' },
      services: [
        service('handler', {}, value),
        service('input', { input: ruled(rule) }, () => output),
        service('output', { output: ruled(rule) }, () => output),
      ],
    });
    for (const name of ['handler', 'input', 'output']) {
      const task = await engine.sendTask(name, { text: 'a' });
      const { result, error } = await task.result();
      if (expected instanceof RegExp) expect(error).toMatch(expected);
      else expect(result).toMatchObject({ task: expected });
      // The next task has a slot, and no second outcome of the first one arrives.
      await (await engine.sendTask(name, { text: 'b' })).result();
      expect(engine.outcomesOf(task.key)).toHaveLength(1);
    }
  });

  it('a lazy query begins within its task', async () => {
    const engine = await startEngine();
    const query = { then: (ok: Settle) => ok({ text: String(hasCurrentTask()) }) };
    await startApp(engine, { services: [echo(() => query)] });
    expect(await (await engine.sendTask('echo', { text: 'a' })).output()).toEqual({ text: 'true' });
  });

  it('`then` is read once', async () => {
    const engine = await startEngine();
    let reads = 0;
    const counted = (): unknown => ({
      get then() {
        reads++;
        return (ok: Settle) => ok(output);
      },
    });
    await startApp(engine, { services: [echo(counted)] });
    await (await engine.sendTask('echo', { text: 'a' })).output();
    expect(reads).toBe(1);
  });
});

it('an abort during the check of the output is the abort', async () => {
  const engine = await startEngine();
  const checking = gate();
  const checked = gate<unknown>();
  let abort = (): void => undefined;
  const service = defineService(
    {
      name: 'echo',
      description: 'd',
      input: echoSchema,
      output: ruled((value) => {
        if ((value as Partial<EchoInput>).text === 'a') checking.open();
        return checked.promise;
      }),
    },
    (task) => {
      abort = () => {
        try {
          task.abort({ reason: 'late' });
        } catch {
          // Only leaves the handler.
        }
      };
      return task.input;
    },
  );
  await startApp(engine, { services: [service] });
  const task = await engine.sendTask('echo', { text: 'a' });
  await checking.promise;
  abort();
  checked.open({ value: { text: 'a' } });
  expect(await task.outcome()).toMatchObject({ type: 'task_abort_result' });
});

it('100 listeners on the signals of a task and of a revert cause no warning', async () => {
  const engine = await startEngine();
  const warnings: string[] = [];
  const listen = ({ signal }: { signal: AbortSignal }): number => {
    for (let n = 0; n < 100; n++) signal.addEventListener('abort', () => undefined);
    return getEventListeners(signal, 'abort').length;
  };
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)));
  await startApp(engine, {
    services: [echo((task) => ({ text: String(listen(task)) }), { revert: (source) => void listen(source) })],
  });
  const { result } = await (await engine.sendTask('echo', { text: 'a' })).result();
  expect(result).toMatchObject({ task: { text: '100' } });
  await (
    await engine.sendCompensation('echo', (result as { compensation: { data: unknown } }).compensation.data)
  ).result();
  expect(warnings).toEqual([]);
  warn.mockRestore();
});
