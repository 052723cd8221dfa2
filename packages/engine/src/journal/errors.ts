/** What the journal refuses, and what it tells whoever has to put it right. */
import { describeThrown, OrraError } from '@orra-ts/common';

const RESTORE =
  'Restore the storage folder (option `storage`, environment variable STORAGE_PATH) from a copy, or start with an empty one.';

export const damagedHistory = (orchestrationId: string, found: number, expected: number): OrraError =>
  new OrraError(
    'ORRA_STORAGE_DAMAGED',
    `The journal is damaged: of ${expected} events of orchestration ${orchestrationId}, only the first ${found} can be read. ${RESTORE}`,
    { details: { orchestrationId, found, expected } },
  );

export const damagedLog = (orchestrationId: string, from: number, known: number): OrraError =>
  new OrraError(
    'ORRA_STORAGE_DAMAGED',
    `The journal is damaged: orchestration ${orchestrationId} goes on at event ${from}, but ${known} events come before. ${RESTORE}`,
    { details: { orchestrationId, from, known } },
  );

export const journalClosed = (): OrraError =>
  new OrraError('ORRA_STORAGE_CLOSED', 'The journal is closed; open the engine again to use it.');

export function writeFailed(cause: unknown): OrraError {
  const closed = cause instanceof OrraError && cause.code === 'ORRA_STORAGE_CLOSED';
  const advice = closed
    ? ''
    : ' Check that the disk of the storage folder (option `storage`, environment variable STORAGE_PATH) has room and works.';
  return new OrraError(
    'ORRA_JOURNAL_WRITE_FAILED',
    `The journal could not be written, nothing of it was stored: ${describeThrown(cause).replace(/\.$/, '')}.${advice}`,
    { cause, retryable: !closed },
  );
}
