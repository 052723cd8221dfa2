/** The commands that responses to an assignment produce, and those that stand for a response that cannot come. */
import { readRevertOutcome, readTaskOutcome, type ServiceMessage } from '@orra-ts/protocol';
import type { Command } from '../domain/orchestration/decide';
import type { Assignment } from './assignment';

/** Undefined: the message has no meaning for this assignment. */
export function responseCommand({ kind, taskId }: Assignment, message: ServiceMessage): Command | undefined {
  if (kind === 'compensation') {
    // Updates and aborts have no meaning during a revert.
    if (message.type !== 'task_result') return undefined;
    return { kind: 'revert_result', taskId, executionId: message.executionId, outcome: readRevertOutcome(message) };
  }
  switch (message.type) {
    case 'task_result':
      return { kind: 'task_result', taskId, executionId: message.executionId, outcome: readTaskOutcome(message) };
    case 'task_interim_result':
      return { kind: 'task_update', taskId, data: message.result.task };
    case 'task_abort_result':
      return { kind: 'task_abort', taskId, payload: message.result?.task };
    case 'task_status':
    case 'pong':
      return undefined;
  }
}

/** A response that cannot be read is a failed attempt. */
export const malformedCommand = ({ kind, taskId }: Assignment, error: string): Command => ({
  kind: kind === 'task' ? 'task_malformed' : 'revert_malformed',
  taskId,
  error,
});

/** No connection can ever carry the request, so the assignment fails for good. */
export function unsendableCommand({ kind, taskId }: Assignment, { message: error }: Error): Command {
  const failure = { code: 'ORRA_MESSAGE_TOO_LARGE', retryable: false };
  const response = { taskId, executionId: undefined, outcome: { kind: 'failed', error, failure } } as const;
  return { kind: kind === 'task' ? 'task_result' : 'revert_result', ...response };
}
