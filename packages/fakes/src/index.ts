/**
 * Doubles of both ends of the wire, and of the model behind it, for tests.
 *
 *   FakePlanEngine   an engine for tests of services: sends tasks by hand, records, misbehaves on demand
 *   FakeService      a service for tests of engines: nothing but the wire
 *   FakeModel        a language model for engines that plan with one: answers what it is told, and fails as told
 */
export type { SentRequest } from './fake-connection';
export { FakeConnection } from './fake-connection';
export type { AckPolicy, FakePlanEngineOptions, FakeRefusal, RecordedRegistration } from './fake-plan-engine';
export { FakePlanEngine, FakeTask, OUR_CAPABILITIES } from './fake-plan-engine';
export type { FakeModelOptions, ModelScript } from './fake-model';
export { FakeModel } from './fake-model';
export type { FakeAnswer, FakeServiceOptions } from './fake-service';
export { FakeService, fakeIdempotencyKey } from './fake-service';
export type { ModelPlan } from './model-plan-form';
export type { ContentReply, ModelReply, ModelUsage, StatusReply, StatusReplyOptions, WholeReply } from './model-reply';
export { modelReply } from './model-reply';
export type { ModelMessage, ModelRequest } from './model-request';
