/**
 * Exceptions of Nest as failures of a task. Without this, a task that a guard refuses would be retried until its attempts
 * are used up.
 */
import { HttpException } from '@nestjs/common';
import { NonRetryableError, RetryableError } from '@orra-ts/sdk';

/** Turns what a handler or an enhancer threw into the error that the engine gets; returns other values unchanged. */
export type ErrorMapper = (thrown: unknown) => unknown;

/** 408, 425, 429 and 5xx: the same request may succeed later. */
export const isRetryableStatus = (status: number): boolean =>
  status >= 500 || status === 408 || status === 425 || status === 429;

/**
 * An `HttpException` becomes a `NonRetryableError`, or a `RetryableError` where `isRetryable` returns true for its status.
 * Its message and name are kept, the code is such as `HTTP_403`, and `details` has its status and its response body. An
 * `RpcException` becomes a `NonRetryableError`.
 *
 * @param isRetryable the table of statuses. @default `isRetryableStatus`
 */
export const nestErrorMapper =
  (isRetryable: (status: number) => boolean = isRetryableStatus): ErrorMapper =>
  (thrown) => {
    if (!(thrown instanceof Error)) return thrown;
    if (isHttpException(thrown)) {
      const status = thrown.getStatus();
      const options = {
        code: `HTTP_${status}`,
        details: { status, response: thrown.getResponse() },
        cause: thrown,
      };
      const { message } = thrown;
      return named(
        isRetryable(status) ? new RetryableError(message, options) : new NonRetryableError(message, options),
        thrown,
      );
    }
    if (isRpcException(thrown)) {
      return named(
        new NonRetryableError(thrown.message, { details: { error: thrown.getError() }, cause: thrown }),
        thrown,
      );
    }
    return thrown;
  };

function named(error: Error, { name }: Error): Error {
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  return error;
}

/** Also recognises exceptions of a second copy of `@nestjs/common`. */
const isHttpException = (error: Error): error is HttpException =>
  error instanceof HttpException ||
  (typeof (error as Partial<HttpException>).getStatus === 'function' &&
    typeof (error as Partial<HttpException>).getResponse === 'function');

/** `@nestjs/microservices` is not a peer of this package. */
const isRpcException = (error: Error): error is Error & { getError(): unknown } =>
  error.constructor.name === 'RpcException' && typeof (error as { getError?: unknown }).getError === 'function';
