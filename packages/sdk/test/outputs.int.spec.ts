/** What is sent of outputs, abort payloads and updates that their declarations or JSON do not cover. */
import { Allow, IsString } from 'class-validator';
import { defineService } from '../src';
import { closeAll, echo, startApp, startEngine } from './support/harness';

afterEach(closeAll);

class Placed {
  @IsString() orderId!: string;
}

class Line {
  @Allow() readonly lines?: unknown;
}

const REMOVED = 'members that the output does not declare are not sent';

describe('members that the class of an output does not declare', () => {
  it('are not sent, and one warning for each handler names them', async () => {
    const engine = await startEngine();
    const input = Line;
    const row = (orderId: string) => ({ orderId, __v: 1, passwordHash: 'secret' }) as Placed;
    const { log } = await startApp(engine, {
      services: ['first', 'second'].map((name) =>
        defineService({ name, description: 'd', input, output: Placed }, () => row(name)),
      ),
    });
    for (const name of ['first', 'first', 'second']) {
      expect(await (await engine.sendTask(name, {})).output()).toEqual({ orderId: name });
    }
    const warnings = log.lines.filter(({ message }) => message === REMOVED);
    expect(warnings.map(({ level, fields }) => [level, fields['handler'], fields['members']])).toEqual([
      ['warn', expect.stringContaining('first'), ['__v', 'passwordHash']],
      ['warn', expect.stringContaining('second'), ['__v', 'passwordHash']],
    ]);
    expect(log.text).not.toContain('"secret"');
  });

  it("are sent with unknownFields 'keep', and refused with 'reject'", async () => {
    const engine = await startEngine();
    const services = (['keep', 'reject'] as const).map((name) =>
      defineService(
        { name, description: 'd', input: Line, output: Placed, unknownFields: name },
        () => ({ orderId: 'a', note: 'b' }) as Placed,
      ),
    );
    const { log } = await startApp(engine, { services });
    expect(await (await engine.sendTask('keep', {})).output()).toEqual({ orderId: 'a', note: 'b' });
    expect((await (await engine.sendTask('reject', {})).result()).error).toMatch(/note.*is not a known property/);
    expect(log.text).not.toContain(REMOVED);
  });

  it('are not in the output that a revert receives', async () => {
    const engine = await startEngine();
    const reverted: unknown[] = [];
    const { log } = await startApp(engine, {
      services: [
        defineService(
          {
            name: 'place',
            description: 'd',
            input: Line,
            output: Placed,
            revert: ({ output }) => void reverted.push(JSON.parse(JSON.stringify(output))),
          },
          () => ({ orderId: 'o-1', row: 7 }) as Placed,
        ),
      ],
    });
    const task = await engine.sendTask('place', {});
    const { result } = await task.result();
    const data = (result as { compensation: { data: unknown } }).compensation.data;
    await (await engine.sendCompensation('place', data)).result();
    expect(reverted).toEqual([{ orderId: 'o-1' }]);
    expect(log.text).toContain(REMOVED);
  });
});

describe('values that JSON cannot express', () => {
  it('an error as abort payload is sent as its name, message and code', async () => {
    const engine = await startEngine();
    class SoldOut extends Error {
      override readonly name = 'SoldOut';
      readonly code = 'E_SOLD_OUT';
      readonly customer = 'not sent';
    }
    await startApp(engine, { services: [echo((task) => task.abort(new SoldOut('no seats left')))] });
    const outcome = await (await engine.sendTask('echo', { text: 'a' })).outcome();
    expect(outcome).toMatchObject({ type: 'task_abort_result' });
    expect((outcome as { result?: unknown }).result).toEqual({
      task: { name: 'SoldOut', message: 'no seats left', code: 'E_SOLD_OUT' },
    });
  });

  it('an abort payload that contains one stays an abort that names path and type', async () => {
    const engine = await startEngine();
    await startApp(engine, { services: [echo((task) => task.abort({ seats: { free: new Map() } }))] });
    expect(await (await engine.sendTask('echo', { text: 'a' })).outcome()).toMatchObject({
      type: 'task_abort_result',
      result: { task: { orra: expect.stringMatching(/a Map \(at `seats\.free`\)/) as string } },
    });
  });

  it('an update that contains one and is not awaited is a warning, and not an unhandled rejection', async () => {
    const engine = await startEngine();
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const { log } = await startApp(engine, {
        services: [
          echo((task) => {
            void task.pushUpdate({ progress: NaN });
            void task.pushUpdate({ rows: [new Set()] });
            void task.pushUpdate({ progress: 2 });
            return task.input;
          }),
        ],
      });
      const task = await engine.sendTask('echo', { text: 'a' });
      await task.output();
      // Node reports unhandled rejections before the next turn of the event loop.
      await new Promise(setImmediate);
      expect(task.updates).toEqual([{ progress: 2 }]);
      expect(log.lines.filter(({ message }) => message === 'update dropped').map(({ level }) => level)).toEqual([
        'warn',
        'warn',
      ]);
      expect(log.text).toMatch(/NaN \(at `progress`\)/);
      expect(log.text).toMatch(/a Set \(at `rows\[0\]`\)/);
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });
});
