/** Errors of the journal, with how to fix them. */
import { describeThrown, OrraError } from '@orra-ts/common';
import { engineError } from '../errors';

const RESTORE =
  'Restore the storage folder (option `storage`, environment variable STORAGE_PATH) from a copy, or start with an empty one.';

export const damagedHistory = (orchestrationId: string, found: number, expected: number): OrraError =>
  engineError(
    'ORRA_STORAGE_DAMAGED',
    `The journal is damaged: only the first ${found} of ${expected} events of orchestration ${orchestrationId} can be read. ${RESTORE}`,
    { details: { orchestrationId, found, expected } },
  );

/** The error has no part of the events, because logs show it. */
export const unreadableHistory = (orchestrationId: string, rows: readonly number[], reason: string): OrraError =>
  engineError(
    'ORRA_HISTORY_UNREADABLE',
    `The history of orchestration ${orchestrationId} cannot be read: ${reason}. Its events are in the rows ${rows.join(', ')} of the table "log". Other orchestrations are not affected. Start the version of the engine that wrote it, or restore the storage folder from a copy.`,
    { details: { orchestrationId, rows } },
  );

export const damagedLog = (orchestrationId: string, from: number, known: number): OrraError =>
  engineError(
    'ORRA_STORAGE_DAMAGED',
    `The journal is damaged: orchestration ${orchestrationId} continues at event ${from}, but has ${known} events before it. ${RESTORE}`,
    { details: { orchestrationId, from, known } },
  );

export const journalClosed = (): OrraError =>
  engineError('ORRA_STORAGE_CLOSED', 'The journal is closed; open the engine again to use it.');

export function writeFailed(cause: unknown): OrraError {
  const closed = cause instanceof OrraError && cause.code === 'ORRA_STORAGE_CLOSED';
  const advice = closed
    ? ''
    : ' Check that the disk of the storage folder (option `storage`, environment variable STORAGE_PATH) has space and works.';
  return engineError(
    'ORRA_JOURNAL_WRITE_FAILED',
    `The journal could not be written, nothing of it was stored: ${describeThrown(cause).replace(/\.$/, '')}.${advice}`,
    { cause, retryable: !closed },
  );
}
