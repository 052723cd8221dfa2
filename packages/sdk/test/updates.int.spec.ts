/** Updates of a task, and the maximum size of messages. */
import { closeAll, echo, startApp, startEngine } from './support/harness';

afterEach(closeAll);

describe('updates', () => {
  it('X5: an outcome is sent after the ACK of its last update', async () => {
    const engine = await startEngine();
    engine.ackPolicy = ({ payload }) => (payload.type === 'task_interim_result' ? 'never' : 'always');
    await startApp(engine, {
      connection: { ackTimeout: '1h' },
      services: [
        echo(async (task) => {
          for (let progress = 0; progress < 3; progress++) await task.pushUpdate({ progress });
          return task.input;
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'a' });
    await engine.until(() => task.updates.length === 3);
    const connection = await engine.connected();
    const ids = connection.received.filter(({ payload }) => payload.type === 'task_interim_result').map(({ id }) => id);
    for (const id of ids.slice(0, 2)) connection.acknowledge(id);
    connection.ping();
    await engine.until(() => connection.received.some(({ payload }) => payload.type === 'pong'));
    expect(engine.outcomesOf(task.key)).toEqual([]);
    connection.acknowledge(ids[2] as string);
    await task.output();
    expect(task.updates).toEqual([{ progress: 0 }, { progress: 1 }, { progress: 2 }]);
  });

  it('X5: an outcome waits only for a limited time for an update that is not acknowledged', async () => {
    const engine = await startEngine();
    engine.ackPolicy = ({ payload }) => (payload.type === 'task_interim_result' ? 'never' : 'always');
    await startApp(engine, {
      services: [
        echo(async (task) => {
          await task.pushUpdate({ progress: 1 });
          return task.input;
        }),
      ],
    });
    await (await engine.sendTask('echo', { text: 'a' })).output();
  });

  it('X5: on the Go engine the outcome also waits until the engine has collected the updates', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    await startApp(engine, {
      services: [
        echo(async (task) => {
          await task.pushUpdate({ progress: 1 });
          return task.input;
        }),
      ],
    });
    const times: Record<string, number> = {};
    engine.ackPolicy = ({ payload }) => {
      times[payload.type] = performance.now();
      return 'always';
    };
    await (await engine.sendTask('echo', { text: 'a' })).output();
    // A lower bound, since the engine collects updates every 100 ms. A slow machine only increases it.
    expect((times['task_result'] as number) - (times['task_interim_result'] as number)).toBeGreaterThan(125);
  });

  it('X6: an oversized update is dropped with a warning, an oversized output fails naming the sizes', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    const { log } = await startApp(engine, {
      services: [
        echo(async (task) => {
          await task.pushUpdate({ message: 'x'.repeat(11_000) });
          await task.pushUpdate({ progress: 2 });
          return { text: 'ö'.repeat(5_200) };
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'a' });
    const { result, error } = await task.result();
    expect(result).toBeNull();
    expect(error).toMatch(/output of .*echo.* makes a message of 10\d\d\d bytes, the engine takes 10240/);
    expect(task.updates).toEqual([{ progress: 2 }]);
    expect(log.text).toContain('update dropped');
    expect(engine.connections).toHaveLength(1);
  });

  it('X6: a message of exactly the limit is sent, one byte more is not', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    await startApp(engine, { services: [echo((task) => ({ text: 'x'.repeat(Number(task.input.text)) }))] });
    const fits = await engine.sendTask('echo', { text: '9500' });
    await fits.output();
    for (let length = 9_600; length <= 10_240; length += 16) {
      const task = await engine.sendTask('echo', { text: String(length) });
      await task.result();
    }
    expect(engine.connections).toHaveLength(1);
  });

  it('X6: an abort whose payload is too large stays an abort', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    await startApp(engine, { services: [echo((task) => task.abort({ list: 'x'.repeat(20_000) }))] });
    const outcome = await (await engine.sendTask('echo', { text: 'a' })).outcome();
    expect(outcome).toMatchObject({
      type: 'task_abort_result',
      result: { task: { orra: expect.stringMatching(/20\d\d\d bytes/) as string } },
    });
  });

  it('X6: an engine with a smaller limit than the option closes the connection only once', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    const { log } = await startApp(engine, {
      services: [echo((task) => ({ text: 'x'.repeat(Number(task.input.text)) }))],
      maxMessageBytes: 65_536,
    });
    const large = await engine.sendTask('echo', { text: '20000' });
    expect((await large.result()).error).toMatch(/outcome of .*echo.* has 200\d\d bytes, more than the engine takes/);
    expect(log.text).toContain('set the option `maxMessageBytes`');
    expect(engine.connections).toHaveLength(2);
    const again = await engine.sendTask('echo', { text: '20000' });
    expect((await again.result()).error).toMatch(/the engine takes 10240/);
    await engine.sendTask('echo', { text: '20000' }, { idempotencyKey: large.key });
    const { payload } = await engine.until(() => engine.outcomesOf(large.key)[1], 'an answer to the duplicate');
    expect(payload).toMatchObject({ error: expect.stringMatching(/more than the engine takes/) as string });
    expect(engine.connections).toHaveLength(2);
  });

  it('X5: updates that the handler does not await are bounded, the newest are kept, and a warning counts the rest', async () => {
    const engine = await startEngine();
    engine.ackPolicy = ({ payload }) => (payload.type === 'task_interim_result' ? 'never' : 'always');
    const { log } = await startApp(engine, {
      connection: { ackTimeout: '1h' },
      services: [
        echo((task) => {
          for (let n = 1; n <= 5_000; n++) void task.pushUpdate({ n });
          return task.input;
        }),
      ],
    });
    const task = await engine.sendTask('echo', { text: 'a' });
    const connection = await engine.connected();
    await engine.until(() => task.updates.length === 256);
    engine.ackPolicy = 'always';
    for (const { id, payload } of connection.received)
      if (payload.type === 'task_interim_result') connection.acknowledge(id);
    await task.output();
    expect(task.updates).toHaveLength(1_256);
    expect(task.updates.at(-1)).toEqual({ n: 5_000 });
    expect(log.text).toMatch(/warn updates dropped.*"dropped":3744/);
  });
});
