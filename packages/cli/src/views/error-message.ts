import { isJsonObject, type FailureDetailsView } from '@orra-ts/protocol';
import { jsonLines } from '../output/box';
import { escapeControlCharacters } from '../output/terminal-string';

/** Codes of the SDK for errors without a code of their own. They say nothing about the error. */
const GENERIC_CODES: readonly string[] = [
  'ORRA_HANDLER_FAILED',
  'ORRA_NON_RETRYABLE',
  'ORRA_RETRYABLE',
  'ORRA_REVERT_FAILED',
];

/** The message of an error, with the code that the service gave it: `card refused (CARD_REFUSED)`. */
export const withCode = (message: string, { code }: FailureDetailsView = {}): string =>
  code === undefined || GENERIC_CODES.includes(code) || message.includes(code) ? message : `${message} (${code})`;

/** What the service reported about an error, beside its message. Empty if it reported nothing. */
export function failureDetailLines({ name, code, details, causes = [] }: FailureDetailsView): string[] {
  const entries: readonly (readonly [string, string | undefined])[] = [
    ['Name', name === 'Error' ? undefined : name],
    ['Code', code],
  ];
  return [
    ...entries.flatMap(([label, value]) =>
      value === undefined ? [] : [`${label}: ${escapeControlCharacters(value)}`],
    ),
    ...(details === undefined ? [] : ['Details:', ...jsonLines(details)]),
    ...causes.map((cause) => `Cause: ${escapeControlCharacters(causeText(cause))}`),
  ];
}

const causeText = ({ message, name, ...cause }: FailureDetailsView & { readonly message: string }): string =>
  withCode(name === undefined || name === 'Error' ? message : `${name}: ${message}`, cause);

/** Message of an orchestration's error, which is a string or an object that contains one, with its code. */
export function errorMessage(error: unknown): string {
  if (typeof error === 'string') return error;
  const inner = isJsonObject(error) ? (error['error'] ?? error['message']) : undefined;
  return typeof inner === 'string' && inner !== ''
    ? withCode(inner, error as FailureDetailsView)
    : JSON.stringify(error);
}
