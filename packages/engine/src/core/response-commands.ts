/** The commands that responses to an assignment produce, and those that stand for a response that cannot come. */
import { readRevertOutcome, readTaskOutcome, type ServiceMessage } from '@orra-ts/protocol';
import type { Command } from '../domain/orchestration/decide';
import type { DeliveryHolders } from '../domain/orchestration/deliveries';
import type { Assignment } from './assignment';
import { boundedRevert, boundedTask } from './bounded-failure';

/** Undefined: the message has no meaning for this assignment. */
export function responseCommand(
  { kind, taskId, revertId, round }: Assignment,
  message: ServiceMessage,
  holders: DeliveryHolders,
): Command | undefined {
  if (kind === 'compensation') {
    // Updates and aborts have no meaning during a revert.
    if (message.type !== 'task_result') return undefined;
    const { executionId } = message;
    return {
      kind: 'revert_result',
      taskId,
      revertId,
      round,
      executionId,
      outcome: boundedRevert(readRevertOutcome(message)),
    };
  }
  switch (message.type) {
    case 'task_result':
      return {
        kind: 'task_result',
        taskId,
        executionId: message.executionId,
        holders,
        outcome: boundedTask(readTaskOutcome(message)),
      };
    case 'task_interim_result':
      return { kind: 'task_update', taskId, data: message.result.task };
    case 'task_abort_result':
      return {
        kind: 'task_abort',
        taskId,
        executionId: message.executionId,
        holders,
        payload: message.result?.task,
      };
    case 'task_status':
      if (message.status === 'not_started') return { kind: 'task_not_started', taskId, holders };
      return message.status === 'interrupted' ? { kind: 'task_interrupted', taskId, holders } : undefined;
    case 'pong':
      return undefined;
  }
}

/** A response that cannot be read is a failed attempt. */
export const malformedCommand = (
  { kind, taskId, revertId, round }: Assignment,
  error: string,
  holders: DeliveryHolders,
): Command =>
  kind === 'task'
    ? { kind: 'task_malformed', taskId, error, holders }
    : { kind: 'revert_malformed', taskId, revertId, round, error };

/** No connection can ever carry the request, so the assignment fails for good. */
export function unsendableCommand({ kind, taskId, revertId, round }: Assignment, { message: error }: Error): Command {
  const failure = { code: 'ORRA_MESSAGE_TOO_LARGE', retryable: false };
  const outcome = { kind: 'failed', error, failure } as const;
  // Deliveries of earlier attempts stay open: this failure states nothing about them.
  const holders = { own: new Set<string>(), elsewhere: new Set<string>(), knewDoubt: false };
  return kind === 'task'
    ? { kind: 'task_result', taskId, holders, outcome }
    : { kind: 'revert_result', taskId, revertId, round, outcome };
}
