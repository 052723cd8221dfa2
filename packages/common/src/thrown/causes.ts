/** The causes of a thrown value. A chain of causes may be a cycle, or never end. */
import { memberOf } from './members';

/** Levels of causes that are read. */
const MAX_DEPTH = 5;
/** Maximum number of causes of one error, all levels together: an AggregateError may have thousands. */
export const MAX_CAUSES = 20;

export interface ThrownCause {
  readonly thrown: unknown;
  /** It is not the first cause of its error, such as the second error of an AggregateError. */
  readonly isSibling: boolean;
}

/** The causes of an error, each followed by its own causes. An error that occurs twice is listed once. */
export function causesOf(thrown: unknown): readonly ThrownCause[] {
  const causes: ThrownCause[] = [];
  const seen = new Set<unknown>([thrown]);
  const visit = (error: unknown, depth: number): void => {
    if (depth > MAX_DEPTH) return;
    directCausesOf(error).forEach((cause, index) => {
      if (causes.length >= MAX_CAUSES || seen.has(cause)) return;
      seen.add(cause);
      causes.push({ thrown: cause, isSibling: index > 0 });
      visit(cause, depth + 1);
    });
  };
  visit(thrown, 1);
  return causes;
}

function directCausesOf(error: unknown): readonly unknown[] {
  const cause = memberOf(error, 'cause');
  // `cause` is a method of the errors of some libraries.
  const direct = cause === undefined || cause === null || typeof cause === 'function' ? [] : [cause];
  return [...direct, ...innerErrorsOf(error)];
}

function innerErrorsOf(error: unknown): readonly unknown[] {
  if (memberOf(error, 'name') !== 'AggregateError') return [];
  const errors = memberOf(error, 'errors');
  try {
    return Array.isArray(errors) ? errors.slice(0, MAX_CAUSES) : [];
  } catch {
    return [];
  }
}
