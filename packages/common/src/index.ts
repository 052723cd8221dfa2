/**
 * Shared code of the Orra packages. This entry point loads in browsers. `@orra-ts/common/files` and
 * `@orra-ts/common/process` need Node. `@orra-ts/common/axios` and `@orra-ts/common/winston` load the library of their
 * name. `@orra-ts/common/testing` has helpers for tests.
 */
export { isApiKey } from './api-key';
export { assertNever } from './assert-never';
export { raceAbort, signalOfCall, whenAborted } from './async/abort';
export type { Deferred } from './async/deferred';
export { deferred } from './async/deferred';
export { Latch } from './async/latch';
export type { MaybePromise } from './async/maybe-promise';
export { adopt, callMaybeAsync, isPromiseLike } from './async/maybe-promise';
export { LimitedQueue, Semaphore } from './async/semaphore';
export type { CallTimeout } from './async/timeout';
export { callWithTimeout, resolvesWithin, withTimeout } from './async/timeout';
export type { BackoffOptions, RandomNumber } from './backoff';
export { exponentialMs, fullJitterMs, jitteredMs } from './backoff';
export type { Clock, Timer } from './clock';
export { anchorClock, sleep, systemClock } from './clock';
export type { Duration } from './duration';
export { durationMs } from './duration';
export type { EngineAddress, EngineEndpoint } from './engine-endpoint';
export { isEngineEndpoint } from './engine-endpoint';
export type { ErrorBuilder, ErrorEntry, ErrorRegistry, ErrorResponse, OrraErrorCode } from './error-registry';
export { defineErrors, errorBuilder } from './error-registry';
export { COMMON_ERRORS } from './errors';
export type { HttpRequest, HttpResponse, HttpStream, HttpTransport } from './http-transport';
export { isBaseUrl, parseEngineUrl, parseHttpUrl } from './http-url';
export type { LogFields, LogLevel, Logger } from './logger';
export { LOG_LEVELS, silentLogger } from './logger';
export type { OrraErrorOptions } from './orra-error';
export { OrraError } from './orra-error';
export { encodeStrictJson } from './strict-json';
export { describeThrown, stackOfThrown, toError } from './thrown/describe-thrown';
export type { ErrorIdentity, IdentifiedCause, IdentifiedError } from './thrown/identify-thrown';
export { boundIdentity, identifyThrown } from './thrown/identify-thrown';
export { shortened } from './thrown/shortened';
export { withoutUndefined } from './without-undefined';
