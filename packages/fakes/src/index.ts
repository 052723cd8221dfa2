/**
 * Doubles of both ends of the wire, and of the model behind it, for tests.
 *
 *   FakePlanEngine      an engine for tests of services: sends tasks, records messages, misbehaves on demand
 *   FakeHttpEngine      an HTTP server for tests of clients: scripted responses and event streams
 *   FakeService         a service for tests of engines: registers, connects, sends scripted outcomes
 *   FakeServiceSocket   the service's end of a WebSocket alone: any message, valid or not
 *   FakeModel           a language model for tests of planning: scripted completions and failures
 *
 * Each has `close()`.
 */
export type { SentRequest } from './fake-connection';
export { FakeConnection } from './fake-connection';
export { FakeEventStream } from './fake-event-stream';
export type { FakeHttpEngineOptions, FakeHttpStep, ReceivedHttpRequest } from './fake-http-engine';
export { FakeHttpEngine } from './fake-http-engine';
export type { AckPolicy, FakePlanEngineOptions, RecordedRegistration } from './fake-plan-engine';
export { FakePlanEngine, OUR_CAPABILITIES } from './fake-plan-engine';
export type { FakeModelOptions, ModelScript } from './fake-model';
export { FakeModel } from './fake-model';
export type { FakeOutcome, FakeRequest, FakeServiceOptions } from './fake-service';
export { FakeService } from './fake-service';
export type { RefusedUpgrade, WireMessage } from './fake-service-socket';
export { FakeServiceSocket } from './fake-service-socket';
export { FakeTask } from './fake-task';
export type { FakeHttpResponse } from './http-response';
export type { ModelPlan } from './model-plan-form';
export type { ContentReply, ModelReply, ModelUsage, StatusReply, StatusReplyOptions, WholeReply } from './model-reply';
export { modelReply } from './model-reply';
export type { ModelMessage, ModelRequest } from './model-request';
