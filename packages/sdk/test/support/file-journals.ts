/** File journals without an application. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Logger } from '@orra-ts/common';
import { FileJournal } from '../../src/journal/file-journal';
import type { SegmentFiles } from '../../src/journal/segment-files';
import type { Outcome } from '../../src';
import { temporaryFolder } from './harness';

/** A copy of the folder as a killed process leaves it, at a path that no running journal writes. */
export async function copyOf(directory: string): Promise<string> {
  const copy = join(await temporaryFolder(), 'journal');
  await cp(directory, copy, { recursive: true });
  return copy;
}

interface Options {
  readonly segmentBytes?: number;
  readonly maxBytes?: number;
  readonly clock?: Clock;
  readonly files?: SegmentFiles;
  readonly logger?: Logger;
}

export async function opened(directory: string, options: Options = {}) {
  const journal = new FileJournal({ directory, ...options });
  await journal.open();
  return journal;
}

export const outcome = (body = '"result":{"task":{}}'): Outcome => ({
  type: 'task_result',
  final: true,
  taskId: 'task1',
  executionId: 'e_1',
  body,
});
