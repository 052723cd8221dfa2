/** The base class of all Orra errors. */

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
