/** What the file journal stores, and what a later process reads. */
import { appendFile, cp, mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ManualClock } from '@orra-ts/common/testing';
import { FileJournal } from '../src/journal/file-journal';
import { closeAll, echo, gate, startApp, startEngine, temporaryFolder } from './support/harness';
import { copyOf, opened, outcome } from './support/file-journals';

afterEach(closeAll);

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

  describe('the age of entries', () => {
    const DAY_MS = 24 * 3_600_000;

    /** The journal as a process finds it that starts this much later. */
    async function later(directory: string, ms: number) {
      const copy = await copyOf(directory);
      const clock = new ManualClock(Date.now() + ms);
      const journal = await opened(copy, { clock });
      return { journal, service: journal.service('a'), copy };
    }

    it('X4: an outcome that is not acknowledged is sent again, however old it is, after every start', async () => {
      const directory = join(await temporaryFolder(), 'journal');
      const service = (await opened(directory)).service('a');
      await service.begin('k', 1);
      await service.settle('k', outcome());
      const first = await later(directory, 30 * DAY_MS);
      expect([...first.service.unacknowledged()]).toEqual([['k', outcome()]]);
      const second = await later(first.copy, 60 * DAY_MS);
      expect([...second.service.unacknowledged()]).toEqual([['k', outcome()]]);
    });

    it('the TTL of an outcome, one day, counts from its acknowledgement', async () => {
      const directory = join(await temporaryFolder(), 'journal');
      const clock = new ManualClock(Date.now() - 10 * DAY_MS);
      const journal = await opened(directory, { clock });
      const service = journal.service('a');
      await service.begin('k', 1);
      await service.settle('k', outcome());
      clock.jumpWallClock(10 * DAY_MS);
      service.acknowledge('k');
      await journal.close();
      expect((await later(directory, DAY_MS - 60_000)).service.find('k')).toMatchObject({ acknowledged: true });
      expect((await later(directory, DAY_MS + 60_000)).service.find('k')).toBeUndefined();
    });

    it('X3: the mark of a begun key is kept for seven days', async () => {
      const directory = join(await temporaryFolder(), 'journal');
      await (await opened(directory)).service('a').begin('k', 2);
      const sixth = await later(directory, 6 * DAY_MS);
      expect(sixth.service.find('k')).toMatchObject({ attempts: 2 });
      expect((await later(sixth.copy, 7 * DAY_MS + 60_000)).service.find('k')).toBeUndefined();
    });

    it('X1: the mark of a handler that runs for longer than seven days is kept', async () => {
      const directory = join(await temporaryFolder(), 'journal');
      const clock = new ManualClock();
      const service = (await opened(directory, { clock, segmentBytes: 200 })).service('a');
      await service.begin('slow', 1);
      clock.jumpWallClock(8 * DAY_MS);
      await service.begin('other', 1);
      await service.settle('other', outcome('x'.repeat(300)));
      await service.begin('another', 1);
      expect(service.find('slow')).toBeDefined();
    });

    it('X7: a fence is kept for a day, like an outcome', async () => {
      const directory = join(await temporaryFolder(), 'journal');
      await (await opened(directory)).service('a').fence('k', 'not_started');
      const copy = await copyOf(directory);
      const files = await readdir(copy);
      const changedAt = (Date.now() + 10 * DAY_MS) / 1_000;
      for (const name of files) await utimes(join(copy, name), changedAt, changedAt);
      expect((await later(copy, DAY_MS - 60_000)).service.find('k')).toMatchObject({ fence: 'not_started' });
      expect((await later(copy, DAY_MS + 60_000)).service.find('k')).toBeUndefined();
    });

    it('files whose entries are all too old are deleted', async () => {
      const directory = join(await temporaryFolder(), 'journal');
      const journal = await opened(directory);
      const service = journal.service('a');
      await service.begin('k', 1);
      await service.settle('k', outcome());
      service.acknowledge('k');
      await journal.close();
      const copy = await copyOf(directory);
      await opened(copy, { clock: new ManualClock(Date.now() + 2 * DAY_MS) });
      await untilFiles(copy, 1);
    });
  });

  it('18 MB that are not acknowledged fill no second segment, and survive a restart', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const service = (await opened(directory, { segmentBytes: 100_000 })).service('a');
    const large = outcome(`"result":{"task":"${'x'.repeat(1_000_000)}"}`);
    for (let n = 0; n < 18; n++) {
      await service.begin(`k${n}`, 1);
      await service.settle(`k${n}`, large);
    }
    const copy = await copyOf(directory);
    const written = (await Promise.all((await readdir(copy)).map((name) => stat(join(copy, name))))).map(
      ({ size }) => size,
    );
    expect(written.length).toBeLessThan(8);
    expect(Math.max(...written)).toBeLessThan(40_000_000);
    expect([...(await opened(copy)).service('a').unacknowledged()]).toHaveLength(18);
  });

  it('a file of an earlier version, without checksums, is read', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    await mkdir(directory);
    const lines = [
      ['b', 'a', 'k', 1, Date.now()],
      ['s', 'a', 'k', outcome()],
      ['a', 'a', 'k'],
      ['b', 'a', 'l', 1, Date.now()],
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await writeFile(
      join(directory, '000001767225600000-00000001-4194305-x-00000000-x-0.log'),
      `${text}["s","a","l",{"ty`,
    );
    const journal = await opened(directory);
    expect(journal.service('a').find('k')).toMatchObject({ outcome: outcome(), acknowledged: true });
    expect(journal.service('a').find('l')).toMatchObject({ attempts: 1, outcome: undefined });
    expect(journal.health().damagedParts).toBe(0);
  });

  it('damage in a file is counted in health() and is a warning, and the rest is read', async () => {
    const dataDir = await temporaryFolder();
    const engine = await startEngine();
    const first = await startApp(engine, { dataDir });
    await (await engine.sendTask('echo', { text: 'a' })).output();
    await (await engine.sendTask('echo', { text: 'b' })).output();
    await first.app.close();
    const left = await temporaryFolder();
    await cp(dataDir, left, { recursive: true });
    const [name = ''] = await readdir(join(left, 'journal'));
    const file = join(left, 'journal', name);
    const data = await readFile(file);
    data.write('X', data.indexOf('"b"'), 'latin1');
    await writeFile(file, data);
    const { app, log } = await startApp(engine, { dataDir: left });
    expect(app.health().journal.damagedParts).toBe(1);
    expect(app.health().status).toBe('ready');
    expect(log.text).toMatch(/warn parts of the journal are damaged.*"path":.*"parts":1/);
  });

  it('segments of a running process are not read by others', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const first = (await opened(directory)).service('a');
    await first.begin('k', 1);
    const sibling = await opened(directory);
    expect(sibling.service('a').find('k')).toBeUndefined();
    expect(await readdir(directory)).toHaveLength(2);
  });
});

/** Resolves when a folder has this many files. */
async function untilFiles(directory: string, count: number): Promise<void> {
  while ((await readdir(directory)).length !== count) await new Promise(setImmediate);
}

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
