/** How any thrown value is described (H1). */
import { shortened } from './shortened';
import { causesOf } from './causes';
import { isError, memberOf } from './members';
import { MAX_MESSAGE_BYTES, messageOf } from './messages';

const MAX_HEADER_BYTES = 1024;
const MAX_FRAMES_BYTES = 8 * 1024;

/**
 * Returns a description of any thrown value: its message, followed by those of its causes and of the inner errors of an
 * AggregateError. Never empty, at most 8 KB.
 */
export function describeThrown(thrown: unknown): string {
  let text = messageOf(thrown);
  for (const { thrown: cause, isSibling } of causesOf(thrown)) {
    if (text.length > MAX_MESSAGE_BYTES) break;
    const message = messageOf(cause);
    // Many errors repeat the message of their cause.
    if (!text.includes(message)) text += `${isSibling ? '; ' : ': '}${message}`;
  }
  return shortened(text, MAX_MESSAGE_BYTES);
}

/** Returns the stacks of a thrown value and of its causes, for logs; undefined if there is none. Bounded. */
export function stackOfThrown(thrown: unknown): string | undefined {
  const stacks = [thrown, ...causesOf(thrown).map((cause) => cause.thrown)].map(ownStack);
  const text = stacks.filter((stack) => stack !== undefined).join('\ncaused by: ');
  return text === '' ? undefined : shortened(text, 2 * MAX_FRAMES_BYTES);
}

/** The message is at the beginning of a stack, and must not displace its lines. */
function ownStack(thrown: unknown): string | undefined {
  const stack = memberOf(thrown, 'stack');
  if (typeof stack !== 'string' || stack === '') return undefined;
  const at = /\n\s+at /.exec(stack)?.index ?? stack.length;
  return shortened(stack.slice(0, at), MAX_HEADER_BYTES) + shortened(stack.slice(at), MAX_FRAMES_BYTES);
}

/** Returns a thrown `Error` as it is, and wraps any other value as the `cause` of a new one. */
export const toError = (thrown: unknown): Error =>
  isError(thrown) ? (thrown as Error) : new Error(describeThrown(thrown), { cause: thrown });
