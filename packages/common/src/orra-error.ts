/** The base class of all Orra errors, and how any thrown value is described. */

const ERROR_BRAND = Symbol.for('orra.error');

export interface OrraErrorOptions {
  /** Structured facts for programs; they never contain secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** True when the same call may succeed later without a change. @default false */
  readonly retryable?: boolean;
}

/**
 * The base of every error that an Orra package throws. Match on `code`, which is stable and listed in `docs/errors.md`.
 * `message` is for readers: it says what happened, where, and how to fix it. `instanceof OrraError` also holds for errors
 * of another installed copy of this package.
 */
export class OrraError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: OrraErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? false;
    Object.defineProperty(this, ERROR_BRAND, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass keeps the default check; otherwise every OrraError would be an instance of each subclass.
    if (this !== OrraError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && ERROR_BRAND in value;
  }
}

/** Returns a non-empty description of any thrown value (H1). */
export function describeThrown(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return textOf(thrown.message) ?? textOf(thrown.name) ?? 'Error';
    if (typeof thrown === 'string') return thrown || 'an empty string was thrown';
    if (thrown === null || thrown === undefined) return `${String(thrown)} was thrown`;
    if (typeof thrown === 'object') {
      const message = textOf((thrown as { message?: unknown }).message);
      if (message !== undefined) return message;
      const json: string | undefined = JSON.stringify(thrown);
      return json && json !== '{}' ? `an object was thrown: ${json}` : 'an object without a message was thrown';
    }
    if (typeof thrown === 'function') return 'a function was thrown';
    const primitive = thrown as number | boolean | bigint | symbol;
    return String(primitive);
  } catch {
    return 'a value that cannot be described was thrown';
  }
}

/** JavaScript code may set a message that is not a string. */
function textOf(message: unknown): string | undefined {
  if (message === undefined || message === null || message === '') return undefined;
  if (typeof message === 'string') return message;
  const json: string | undefined = JSON.stringify(message);
  return json;
}

/** Returns a thrown `Error` as it is, and wraps any other value as the `cause` of a new one. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(describeThrown(thrown), { cause: thrown });
}
