/** The result of an orchestration: exit code, and the final output of `verify run --follow`. */
import type { OrchestrationResult } from '@orra-ts/client';
import type { OrchestrationStatus } from '@orra-ts/protocol';
import { EXIT } from '../errors';
import { box, fields, jsonLines } from '../output/box';
import { colouredStatus } from '../output/icons';
import type { Style } from '../output/output';
import { escapeControlCharacters } from '../output/terminal-string';
import { withCode } from './error-message';

/** Exit code of a command that waits for an orchestration. */
export function exitCodeOf(status: OrchestrationStatus): number {
  switch (status) {
    case 'failed':
    case 'aborted':
    case 'cancelled':
      return EXIT.failed;
    case 'not_actionable':
      return EXIT.notActionable;
    case 'completed':
    case 'pending':
    case 'processing':
      return EXIT.ok;
  }
}

export function outcomeView(result: OrchestrationResult, { colours }: Style): string[] {
  const { id, status } = result;
  const where = (task: string | undefined, service: string | undefined): string | undefined =>
    task === undefined ? undefined : escapeControlCharacters(service === undefined ? task : `${service} (${task})`);
  const common: [string, string | undefined][] = [
    ['ID', escapeControlCharacters(id)],
    ['Status', colouredStatus(status, colours)],
  ];
  switch (result.status) {
    case 'completed':
      return box('Outcome', [...fields(common), '', 'Result:', ...jsonLines(result.output)]);
    case 'failed': {
      const { message, task, service } = result.error;
      const error = withCode(message, result.error);
      return box(
        'Outcome',
        fields([...common, ['Task', where(task, service)], ['Error', colours.red(escapeControlCharacters(error))]]),
      );
    }
    case 'aborted': {
      const { payload, task, service } = result;
      const lines = payload === undefined || payload === null ? [] : ['', 'Payload:', ...jsonLines(payload)];
      return box('Outcome', [...fields([...common, ['Task', where(task, service)]]), ...lines]);
    }
    case 'cancelled':
    case 'not_actionable':
      return box('Outcome', fields([...common, ['Reason', result.reason && escapeControlCharacters(result.reason)]]));
  }
}
