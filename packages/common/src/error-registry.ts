/**
 * The form of an error registry. Each package lists its errors once, in its `errors.ts`: the code, when it occurs, how to
 * fix it, and how it crosses the wire. `docs/errors.md` is generated from these registries.
 */
import { OrraError, type OrraErrorOptions } from './orra-error';

export type OrraErrorCode = `ORRA_${string}`;

/** The HTTP response that an error becomes. */
export interface ErrorResponse {
  /** HTTP status. */
  readonly status: number;
  /** Member `error.kind` of the body; absent: the body is empty. */
  readonly kind?: string;
  /** Member `error.code` of the body. */
  readonly code?: string;
  /** Member `error.param` of the body. */
  readonly param?: string;
}

export interface ErrorEntry {
  /** When the error occurs. A sentence of `docs/errors.md`. */
  readonly cause: string;
  /** How to fix it. A sentence of `docs/errors.md`. */
  readonly remedy: string;
  /** True when the same call may succeed later without a change; `sometimes`: read `error.retryable`. @default false */
  readonly retryable?: boolean | 'sometimes';
  /** How the error crosses the wire: as an HTTP response, or as the `failure.code` of a task. @default 'not sent' */
  readonly wire?: ErrorResponse | 'task failure' | 'not sent';
}

export type ErrorRegistry<Code extends OrraErrorCode = OrraErrorCode> = Readonly<Record<Code, ErrorEntry>>;

/** Checks a registry and keeps its codes as a type: `keyof typeof SDK_ERRORS`. */
export const defineErrors = <const Code extends OrraErrorCode>(entries: ErrorRegistry<Code>): ErrorRegistry<Code> =>
  entries;

/** Creates the errors of a registry. `retryable` comes from the entry unless the options say otherwise. */
export type ErrorBuilder<Code extends OrraErrorCode> = (
  code: Code,
  message: string,
  options?: OrraErrorOptions,
) => OrraError;

export const errorBuilder =
  <Code extends OrraErrorCode>(registry: ErrorRegistry<Code>): ErrorBuilder<Code> =>
  (code, message, options) =>
    new OrraError(code, message, { retryable: registry[code].retryable === true, ...options });
