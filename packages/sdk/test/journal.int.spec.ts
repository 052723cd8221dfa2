import { appendFile, cp, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { FileJournal } from '../src/journal/file-journal';
import type { Outcome } from '../src';
import { closeAll, createApp, echo, gate, startApp, startEngine, temporaryFolder } from './support/harness';

afterEach(closeAll);

/** A copy of the folder as a killed process leaves it, at a path that no running journal writes. */
async function copyOf(directory: string): Promise<string> {
  const copy = join(await temporaryFolder(), 'journal');
  await cp(directory, copy, { recursive: true });
  return copy;
}

async function opened(directory: string, options: { segmentBytes?: number; now?: () => number } = {}) {
  const journal = new FileJournal({ directory, ...options });
  await journal.open();
  return journal;
}

const outcome = (body = '"result":{"task":{}}'): Outcome => ({
  type: 'task_result',
  final: true,
  taskId: 'task1',
  executionId: 'e_1',
  body,
});

describe('file journal', () => {
  it('X3: outcomes from before a kill are known after it, and acknowledged ones are not sent again', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const service = (await opened(directory)).service('a');
    await Promise.all([service.begin('done', 1), service.begin('sent', 1), service.begin('running', 3)]);
    await Promise.all([service.settle('done', outcome('"result":1')), service.settle('sent', outcome())]);
    service.acknowledge('done');
    await service.begin('later', 1);
    const journal = await opened(await copyOf(directory));
    const next = journal.service('a');
    expect(next.find('done')).toMatchObject({ outcome: outcome('"result":1'), acknowledged: true });
    expect(next.find('sent')).toMatchObject({ outcome: outcome(), acknowledged: false });
    expect(next.find('running')).toMatchObject({ attempts: 3, outcome: undefined });
    expect([...next.unacknowledged()].map(([key]) => key)).toEqual(['sent']);
    expect(journal.service('b').find('sent')).toBeUndefined();
    expect((await stat(directory)).mode & 0o077).toBe(0);
  });

  it('X7: a fence survives a kill, with and without a record of its key', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const service = (await opened(directory)).service('a');
    await service.fence('unknown', 'not_started');
    await service.begin('begun', 1);
    await service.fence('begun', 'interrupted');
    await service.begin('done', 1);
    await service.fence('done', 'interrupted');
    await service.settle('done', outcome());
    const next = (await opened(await copyOf(directory))).service('a');
    const found = ['unknown', 'begun', 'done'].map((key) => next.find(key));
    expect(found.map((record) => [record?.fence, record?.attempts, record?.outcome])).toEqual([
      ['not_started', 0, undefined],
      ['interrupted', 1, undefined],
      ['interrupted', 1, outcome()],
    ]);
  });

  it('an incomplete line is skipped, and the next process continues after it', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const service = (await opened(directory)).service('a');
    await service.begin('k', 1);
    await service.settle('k', outcome());
    const torn = await copyOf(directory);
    const [name] = await readdir(torn);
    await appendFile(join(torn, name as string), '["s","a","other",{"type":"task_re');
    const second = (await opened(torn)).service('a');
    expect(second.find('k')).toMatchObject({ outcome: outcome() });
    await second.begin('next', 1);
    expect((await opened(await copyOf(torn))).service('a').find('next')).toBeDefined();
  });

  it('segments rotate, the oldest are deleted, and unacknowledged outcomes are carried over', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const journal = new FileJournal({ directory, segmentBytes: 4_096, maxBytes: 4_096 });
    await journal.open();
    const service = journal.service('a');
    await service.begin('open', 1);
    await service.settle('open', outcome());
    for (let n = 0; n < 300; n++) {
      await service.begin(`k${n}`, 1);
      await service.settle(`k${n}`, outcome('"result":{"task":"' + 'x'.repeat(100) + '"}'));
      service.acknowledge(`k${n}`);
    }
    const copy = await copyOf(directory);
    expect((await readdir(copy)).length).toBeLessThanOrEqual(5);
    const next = (await opened(copy)).service('a');
    expect(next.find('open')).toMatchObject({ outcome: outcome() });
    expect(next.find('k0')).toBeUndefined();
    expect(next.find('k299')).toBeDefined();
  });

  it('outcomes older than a day are dropped', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const service = (await opened(directory)).service('a');
    await service.begin('k', 1);
    const tomorrow = Date.now() + 25 * 3_600_000;
    const copy = await copyOf(directory);
    for (const name of await readdir(copy)) await utimes(join(copy, name), tomorrow / 1_000, tomorrow / 1_000);
    const journal = await opened(copy, { now: () => tomorrow });
    expect(journal.service('a').find('k')).toBeUndefined();
  });

  it('segments of a running process are not read by others', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const first = (await opened(directory)).service('a');
    await first.begin('k', 1);
    const sibling = await opened(directory);
    expect(sibling.service('a').find('k')).toBeUndefined();
    expect(await readdir(directory)).toHaveLength(2);
  });

  it('start fails if the folder is not usable, and the error names the alternatives', async () => {
    const dataDir = await temporaryFolder();
    await mkdir(dataDir, { recursive: true });
    await appendFile(join(dataDir, 'journal'), 'a file where the folder should be');
    const { app } = await createApp(await startEngine(), { dataDir });
    await expect(app.start()).rejects.toMatchObject({
      code: 'ORRA_JOURNAL_DAMAGED',
      message: expect.stringMatching(/ORRA_DATA_DIR.*kind: 'memory'/) as string,
    });
  });
});

describe('a process that was killed', () => {
  /** A copy of the data folder of an application, as a kill would leave it now. */
  async function kill(dataDir: string): Promise<string> {
    const copy = await temporaryFolder();
    await cp(dataDir, copy, { recursive: true });
    await rm(join(copy, 'echo.identity.json.lock'), { force: true });
    return copy;
  }

  it('X3, X4: the next process sends an outcome that the engine did not get, without running the handler again', async () => {
    const dataDir = await temporaryFolder();
    const engine = await startEngine();
    let runs = 0;
    const services = [echo((task) => ({ text: `${task.input.text} ${++runs}` }))];
    const sent = gate();
    engine.ackPolicy = () => {
      sent.open();
      return 'discard';
    };
    const { app } = await startApp(engine, { dataDir, services });
    const task = await engine.sendTask('echo', { text: 'run' });
    await sent.promise;
    const left = await kill(dataDir);
    engine.ackPolicy = 'discard';
    await app.close({ grace: 0 });
    engine.ackPolicy = 'always';
    await startApp(engine, { dataDir: left, services });
    expect(await task.output()).toEqual({ text: 'run 1' });
    await task.sendAgain();
    await engine.until(() => engine.outcomesOf(task.key).length === 2);
    expect(runs).toBe(1);
  });

  it.each([
    ['rerun', { text: 'attempt 2, interrupted' }],
    ['fail', undefined],
  ] as const)('X3: a key that was running is %s', async (onCrash, output) => {
    const dataDir = await temporaryFolder();
    const engine = await startEngine({ capabilities: 'go' });
    const entered = gate();
    const hang = echo(() => {
      entered.open();
      return new Promise(() => undefined);
    });
    const { app } = await startApp(engine, { dataDir, services: [hang] });
    const task = await engine.sendTask('echo', { text: 'a' });
    await entered.promise;
    const left = await kill(dataDir);
    await app.close({ grace: 0 });
    const services = [
      echo(({ attempt, interrupted }) => ({ text: `attempt ${attempt}${interrupted ? ', interrupted' : ''}` }), {
        onCrash,
      }),
    ];
    await startApp(engine, { dataDir: left, services });
    await task.sendAgain();
    if (output) expect(await task.output()).toEqual(output);
    else expect((await task.result()).error).toMatch(/interrupted by a crash/);
  });
});
