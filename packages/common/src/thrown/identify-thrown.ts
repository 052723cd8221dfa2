/**
 * What is sent of a thrown error beside its message: an allow-list, because other members of an error may contain
 * credentials, such as the request of an HTTP client.
 */
import { boundedJson } from './bounded-json';
import { MAX_CAUSES, causesOf } from './causes';
import { memberOf } from './members';
import { messageOf, textOf } from './messages';
import { shortened } from './shortened';

/** Maximum bytes of a name or a code. */
const MAX_NAME_BYTES = 200;
/** Smallest rest of the budget that is worth another cause. */
const MIN_CAUSE_BYTES = 100;

export interface ErrorIdentity {
  readonly name?: string;
  /** A number is converted to a string. */
  readonly code?: string;
  /** JSON. Its bigints are strings; a value without a JSON form is replaced by a note in `orra`. */
  readonly details?: unknown;
}

export interface IdentifiedCause extends ErrorIdentity {
  readonly message: string;
}

export interface IdentifiedError extends ErrorIdentity {
  /** The causes of the error, five levels deep, and the inner errors of an AggregateError. */
  readonly causes?: readonly IdentifiedCause[];
}

/** @param maxBytes of all members together */
export const identifyThrown = (thrown: unknown, maxBytes: number): IdentifiedError =>
  identify(
    thrown,
    causesOf(thrown).map(({ thrown: cause }) => cause),
    maxBytes,
  );

/** Bounds what another process reports of an error. What `identifyThrown` returned with the same limit is not changed. */
export const boundIdentity = (reported: IdentifiedError, maxBytes: number): IdentifiedError =>
  identify(reported, (reported.causes ?? []).slice(0, MAX_CAUSES), maxBytes);

function identify(thrown: unknown, itsCauses: readonly unknown[], maxBytes: number): IdentifiedError {
  const budget = new Budget(maxBytes);
  const own = identityOf(thrown, budget);
  const causes: IdentifiedCause[] = [];
  for (const cause of itsCauses) {
    if (budget.left < MIN_CAUSE_BYTES) break;
    const message = budget.take(shortened(messageOf(cause), budget.left));
    causes.push({ message, ...identityOf(cause, budget) });
  }
  return { ...own, causes: causes.length > 0 ? causes : undefined };
}

class Budget {
  constructor(public left: number) {}

  take(text: string): string {
    this.left -= new TextEncoder().encode(text).length;
    return text;
  }
}

function identityOf(thrown: unknown, budget: Budget): ErrorIdentity {
  return {
    name: namedMember(thrown, 'name', budget),
    code: namedMember(thrown, 'code', budget),
    details: detailsOf(thrown, budget),
  };
}

function namedMember(thrown: unknown, member: 'name' | 'code', budget: Budget): string | undefined {
  const value = memberOf(thrown, member);
  const text = typeof value === 'object' ? undefined : textOf(value);
  if (text === undefined || budget.left < MAX_NAME_BYTES) return undefined;
  return budget.take(shortened(text, MAX_NAME_BYTES));
}

function detailsOf(thrown: unknown, budget: Budget): unknown {
  const details = memberOf(thrown, 'details');
  if (details === undefined || details === null || typeof details === 'function') return undefined;
  const encoded = boundedJson(details, budget.left);
  if (encoded.ok) {
    if (encoded.json === '{}') return undefined;
    return JSON.parse(budget.take(encoded.json)) as unknown;
  }
  return { orra: budget.take(shortened(`the details of the error were left out (${encoded.problem})`, budget.left)) };
}
