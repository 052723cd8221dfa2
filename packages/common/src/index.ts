/**
 * What the Orra packages share. Adapters that load a library are subpaths: `@orra-ts/common/axios` and
 * `@orra-ts/common/winston`. Helpers for tests are `@orra-ts/common/testing`.
 */
export { assertNever } from './assert-never';
export type { BackoffOptions, RandomNumber } from './backoff';
export { exponentialMs, fullJitterMs, jitteredMs } from './backoff';
export type { Clock, Timer } from './clock';
export { sleep, systemClock } from './clock';
export type { Duration } from './duration';
export { durationMs } from './duration';
export type { EngineAddress, EngineEndpoint } from './engine-endpoint';
export { isEngineEndpoint } from './engine-endpoint';
export type { ErrorBuilder, ErrorEntry, ErrorRegistry, ErrorResponse, OrraErrorCode } from './error-registry';
export { defineErrors, errorBuilder } from './error-registry';
export { COMMON_ERRORS } from './errors';
export type { HttpRequest, HttpResponse, HttpStream, HttpTransport } from './http-transport';
export type { LogFields, LogLevel, Logger } from './logger';
export { LOG_LEVELS, silentLogger } from './logger';
export type { OrraErrorOptions } from './orra-error';
export { OrraError, describeThrown, toError } from './orra-error';
export { isProcessAlive } from './process-alive';
