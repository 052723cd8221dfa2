/** What a service reports about a request: its status to the engine, and trouble with the journal to the log. */
import { describeThrown } from '@orra-ts/common';
import type { TaskCancel, TaskRunStatus } from '@orra-ts/protocol';
import type { ExecutorContext, Run } from './run';

/** Sent once. The engine repeats the request that this responds to. */
export function reportStatus(
  { outbox }: ExecutorContext,
  { id, executionId = '', idempotencyKey }: Pick<TaskCancel, 'id' | 'executionId' | 'idempotencyKey'>,
  status: TaskRunStatus,
): void {
  outbox.sendStatus({
    type: 'task_status',
    taskId: id,
    executionId,
    key: idempotencyKey,
    body: `"status":"${status}"`,
  });
}

export function reportJournalFailure(
  { logger, definition }: ExecutorContext,
  { id, idempotencyKey }: Run['request'] | TaskCancel,
  error: unknown,
): void {
  logger.error('the journal failed', {
    service: definition.name,
    taskId: id,
    idempotencyKey,
    error: describeThrown(error),
  });
}
