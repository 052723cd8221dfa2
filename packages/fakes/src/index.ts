/**
 * Doubles of both ends of the wire, for tests.
 *
 *   FakePlanEngine   an engine for tests of services: sends tasks by hand, records, misbehaves on demand
 *   FakeService      a service for tests of engines: nothing but the wire
 */
export type { SentRequest } from './fake-connection';
export { FakeConnection } from './fake-connection';
export type { AckPolicy, FakePlanEngineOptions, FakeRefusal, RecordedRegistration } from './fake-plan-engine';
export { FakePlanEngine, FakeTask, OUR_CAPABILITIES } from './fake-plan-engine';
export type { FakeAnswer, FakeServiceOptions } from './fake-service';
export { FakeService, fakeIdempotencyKey } from './fake-service';
