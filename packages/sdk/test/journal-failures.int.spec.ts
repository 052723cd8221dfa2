/** A file journal whose disk is full, whose folder is gone, or whose next segment cannot be begun. */
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ManualClock } from '@orra-ts/common/testing';
import { folderSegmentFiles, type SegmentFiles } from '../src/journal/segment-files';
import { closeAll, createApp, RecordingLogger, startApp, startEngine, temporaryFolder } from './support/harness';
import { copyOf, opened, outcome } from './support/file-journals';

afterEach(closeAll);

describe('a journal that cannot be written', () => {
  /** A disk that can be full. */
  function fillable(directory: string) {
    const disk = { isFull: false };
    const files = folderSegmentFiles(directory);
    const check = (): void => {
      if (disk.isFull) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    const checked: SegmentFiles = {
      ...files,
      create(startedAt) {
        const writer = files.create(startedAt);
        return {
          ...writer,
          write(data, at) {
            check();
            return writer.write(data, at);
          },
        };
      },
    };
    return { disk, files: checked };
  }

  it('X2: what was kept in memory is journalled when there is space again, acknowledged or not', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const { disk, files } = fillable(directory);
    const clock = new ManualClock();
    const journal = await opened(directory, { files, clock });
    const service = journal.service('a');
    await service.begin('before', 1);
    disk.isFull = true;
    await expect(service.settle('before', outcome())).rejects.toThrow('ENOSPC');
    await expect(service.begin('sent', 1)).rejects.toThrow('ENOSPC');
    await expect(service.settle('sent', outcome())).rejects.toThrow('ENOSPC');
    service.acknowledge('sent');
    await expect(service.fence('never', 'not_started')).rejects.toThrow('ENOSPC');
    expect(journal.health().failure).toEqual({
      unsaved: 3,
      error: 'ENOSPC: no space left on device, write',
      since: new Date(clock.now()),
    });
    await clock.advance(10_000);
    expect(journal.health().failure).toMatchObject({ unsaved: 3, since: new Date(clock.now() - 10_000) });
    disk.isFull = false;
    await clock.advance(30_000);
    while (journal.health().failure) await new Promise(setImmediate);
    await service.begin('after', 1);
    const next = (await opened(await copyOf(directory), { clock })).service('a');
    expect(next.find('before')).toMatchObject({ outcome: outcome(), acknowledged: false });
    expect(next.find('sent')).toMatchObject({ outcome: outcome(), acknowledged: true });
    expect(next.find('never')).toMatchObject({ fence: 'not_started' });
    expect(next.find('after')).toMatchObject({ attempts: 1 });
  });

  it('is written at the close, if there is space by then', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const { disk, files } = fillable(directory);
    const journal = await opened(directory, { files, clock: new ManualClock() });
    const service = journal.service('a');
    disk.isFull = true;
    await expect(service.begin('k', 1)).rejects.toThrow('ENOSPC');
    await expect(service.settle('k', outcome())).rejects.toThrow('ENOSPC');
    disk.isFull = false;
    await journal.close();
    expect((await opened(await copyOf(directory))).service('a').find('k')).toMatchObject({ outcome: outcome() });
  });

  it('a folder that is deleted is noticed with the next outcome, and is created again', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const clock = new ManualClock();
    const journal = await opened(directory, { clock });
    const service = journal.service('a');
    await service.begin('k', 1);
    await rm(directory, { recursive: true });
    await expect(service.settle('k', outcome())).rejects.toThrow('deleted');
    await clock.advance(1_000);
    while (journal.health().failure) await new Promise(setImmediate);
    expect((await opened(await copyOf(directory))).service('a').find('k')).toMatchObject({ outcome: outcome() });
  });

  it('a full segment whose successor cannot be begun grows: that is logged, shown in health(), and tried again', async () => {
    const directory = join(await temporaryFolder(), 'journal');
    const log = new RecordingLogger();
    const clock = new ManualClock();
    const files = folderSegmentFiles(directory);
    let error: Error | undefined;
    const scarce: SegmentFiles = {
      ...files,
      create(startedAt) {
        if (error) throw error;
        return files.create(startedAt);
      },
    };
    const journal = await opened(directory, { files: scarce, clock, segmentBytes: 500, logger: log });
    const service = journal.service('a');
    error = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    for (let n = 0; n < 20; n++) await service.begin(`k${n}`, 1);
    while (!journal.health().failure) await new Promise(setImmediate);
    expect(journal.health().failure).toMatchObject({ unsaved: 0, error: error.message });
    expect(log.text).toMatch(/error the journal cannot begin its next segment, the last one grows.*EMFILE/);
    error = undefined;
    await clock.advance(1_000);
    while (journal.health().failure) await new Promise(setImmediate);
    expect(log.text).toContain('the journal can be written again');
    const next = (await opened(await copyOf(directory), { clock })).service('a');
    for (let n = 0; n < 20; n++) expect(next.find(`k${n}`)).toMatchObject({ attempts: 1 });
  });

  it('the app is degraded meanwhile, its work goes on, and it is ready again afterwards', async () => {
    const dataDir = await temporaryFolder();
    const engine = await startEngine();
    const { app, log } = await startApp(engine, { dataDir });
    await (await engine.sendTask('echo', { text: 'a' })).output();
    const folder = join(dataDir, 'journal');
    await rename(folder, join(dataDir, 'moved'));
    await rm(join(dataDir, 'moved'), { recursive: true });
    await writeFile(folder, 'in the way');
    const kept = await engine.sendTask('echo', { text: 'b' });
    expect(await kept.output()).toEqual({ text: 'b' });
    expect(app.health()).toMatchObject({
      status: 'degraded',
      journal: { kind: 'file', failure: { unsaved: 1, error: expect.stringContaining('deleted') as string } },
    });
    expect(log.text).toMatch(/error the journal cannot be written, outcomes are kept in memory only/);
    await rm(folder);
    while (app.health().status !== 'ready') await new Promise((resolve) => setTimeout(resolve, 20));
    expect(app.health().journal.failure).toBeUndefined();
    expect(log.text).toContain('the journal can be written again');
    const next = (await opened(await copyOf(folder))).service('echo');
    expect(next.find(kept.key)).toMatchObject({ outcome: { type: 'task_result' } });
    expect(await (await engine.sendTask('echo', { text: 'c' })).output()).toEqual({ text: 'c' });
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
