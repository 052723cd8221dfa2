/** The input and output of a task, as they are stored for its revert. */
import { isJsonObject } from '@orra-ts/protocol';

/** Reads both stored forms: the JavaScript SDK stores the whole request, the Python SDK the input. */
export function readStored(data: unknown): { input: unknown; output: unknown } {
  if (!isJsonObject(data)) return { input: undefined, output: undefined };
  const { originalTask, taskResult } = data;
  const isRequest =
    isJsonObject(originalTask) &&
    typeof originalTask['type'] === 'string' &&
    typeof originalTask['idempotencyKey'] === 'string';
  return { input: isRequest ? originalTask['input'] : originalTask, output: taskResult };
}
