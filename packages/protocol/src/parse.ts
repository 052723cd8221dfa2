/**
 * The only file that reads raw input. A parsed message keeps its unknown members; a message that breaks its schema
 * becomes a `ParseError` with a path. Validators are compiled at their first use, one per message type, so that a
 * message is checked only against the type that it names.
 */
import type { TSchema } from '@sinclair/typebox';
import { TypeCompiler, type TypeCheck, type ValueError } from '@sinclair/typebox/compiler';
import { isJsonObject } from './json';
import { ENGINE_MESSAGE_SCHEMAS, type EngineMessage } from './messages/engine-to-service';
import { PONG_MESSAGE_ID, SERVICE_MESSAGE_SCHEMAS, type ServiceEnvelope } from './messages/service-to-engine';

export type ParseErrorCode =
  /** Not one JSON value. */
  | 'not_json'
  /** JSON, but not an object. */
  | 'not_an_object'
  /** Without a `payload` member: sent without the wrapper. */
  | 'no_wrapper'
  /** A wrapper whose payload is null or has no type. */
  | 'no_type'
  /** A type that this version does not know. */
  | 'unknown_type'
  /** A member is missing or has the wrong type. */
  | 'invalid_member';

export interface ParseError {
  readonly code: ParseErrorCode;
  /** JSON pointer, such as `/payload/error`; empty for the whole message. */
  readonly path: string;
  readonly message: string;
  /** The readable part of the message: an engine can then fail the task that it was meant for. */
  readonly about?: { readonly type?: string; readonly serviceId?: string; readonly idempotencyKey?: string };
  /** Set when the Go engine acknowledges this message nevertheless. */
  readonly ackId?: string;
}

export type ParseResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ParseError };

const compiled = new WeakMap<TSchema, TypeCheck<TSchema>>();

function checkerOf(schema: TSchema): TypeCheck<TSchema> {
  let checker = compiled.get(schema);
  if (!checker) compiled.set(schema, (checker = TypeCompiler.Compile(schema)));
  return checker;
}

/** Checks a decoded value against a schema of this package. */
export function parseValue<S extends TSchema>(
  schema: S,
  value: unknown,
  basePath = '',
): ParseResult<import('@sinclair/typebox').Static<S>> {
  const checker = checkerOf(schema);
  if (checker.Check(value)) return { ok: true, value: value as never };
  const first = checker.Errors(value).First();
  return {
    ok: false,
    error: {
      code: isJsonObject(value) ? 'invalid_member' : 'not_an_object',
      path: basePath + (first?.path ?? ''),
      message: first ? `${expectationOf(first)}, found ${describe(first.value)}` : 'does not fit its schema',
    },
  };
}

/** TypeBox does not name the values of a union. */
function expectationOf({ schema, message }: ValueError): string {
  const members = (schema as { readonly anyOf?: readonly TSchema[] }).anyOf ?? [];
  const values = members.map((member): unknown => (member['type'] === 'null' ? null : member['const']));
  if (values.length === 0 || values.includes(undefined)) return message;
  return `Expected one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;
}

/** Names lists and objects without their content: it may be large, deep or confidential. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' && value.length > 60
    ? `${JSON.stringify(value.slice(0, 57))}...`
    : JSON.stringify(value);
}

function parseObject(text: string): ParseResult<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse('not_json', '', (error as Error).message);
  }
  if (isJsonObject(value)) return { ok: true, value };
  return refuse('not_an_object', '', `expected an object, found ${describe(value)}`);
}

// ---- engine to service

/** Reads the id of an ACK in its usual form without decoding JSON: half of the messages to an SDK are ACKs. */
export function readAckId(text: string): string | undefined {
  if (!text.startsWith('{"type":"ACK","id":"') || !text.endsWith('"}')) return undefined;
  const id = text.slice(20, -2);
  return id.includes('\\') || id.includes('"') ? undefined : id;
}

export function parseEngineMessage(text: string): ParseResult<EngineMessage> {
  const parsed = parseObject(text);
  if (!parsed.ok) return parsed;
  const message = parsed.value;
  const { type } = message;
  if (typeof type !== 'string') {
    return refuse('no_type', '/type', `expected a string, found ${describe(type)}`);
  }
  if (!Object.hasOwn(ENGINE_MESSAGE_SCHEMAS, type)) {
    return refuse('unknown_type', '/type', `unknown message type ${describe(type)}`);
  }
  const checked = parseValue(ENGINE_MESSAGE_SCHEMAS[type as keyof typeof ENGINE_MESSAGE_SCHEMAS], message);
  return checked.ok ? checked : { ok: false, error: { ...checked.error, about: aboutOf(message) } };
}

// ---- service to engine

/** Members whose letter case does not matter: the Go engine decodes them case-insensitively. */
const WRAPPER_MEMBERS = ['id', 'payload'];
const PAYLOAD_MEMBERS = [
  'type',
  'taskId',
  'executionId',
  'serviceId',
  'idempotencyKey',
  'result',
  'error',
  'status',
  'failure',
];
/** The members that the Go engine decodes into strings; `null` counts as absent. */
const TEXT_MEMBERS = ['type', 'taskId', 'executionId', 'serviceId', 'idempotencyKey', 'error', 'status'];
const RESULT_MEMBERS = ['task', 'compensation', 'status', 'partial', 'error'];

/** Gives members their canonical letter case; an exact spelling takes precedence. */
export function canonicalMembers(value: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  let result = value;
  for (const key of Object.keys(value)) {
    if (names.includes(key)) continue;
    const name = names.find((candidate) => candidate.toLowerCase() === key.toLowerCase());
    if (name === undefined) continue;
    if (result === value) result = { ...value };
    if (!Object.hasOwn(value, name)) result[name] = value[key];
    delete result[key];
  }
  return result;
}

/**
 * Parses a wrapped message. Its error has an `ackId` where the Go engine acknowledges the message nevertheless: that
 * engine acknowledges every message that it can decode, and decoding fails only where a string has another type.
 */
export function parseServiceMessage(text: string): ParseResult<ServiceEnvelope> {
  const parsed = parseObject(text);
  if (!parsed.ok) return parsed;
  const envelope = canonicalMembers(parsed.value, WRAPPER_MEMBERS);
  const { payload: rawPayload } = envelope;
  const id = envelope['id'] ?? '';
  if (rawPayload === undefined) {
    const { type } = envelope;
    const what = typeof type === 'string' ? ` (this is a bare ${describe(type)})` : '';
    return refuse('no_wrapper', '/payload', `messages must be wrapped as {id, payload}${what}`, {
      about: aboutOf(envelope),
    });
  }
  if (typeof id !== 'string') return refuse('invalid_member', '/id', `expected a string, found ${describe(id)}`);
  if (rawPayload !== null && !isJsonObject(rawPayload)) {
    return refuse('invalid_member', '/payload', `expected an object, found ${describe(rawPayload)}`);
  }
  const payload = canonicalPayload(rawPayload ?? {});
  const about = aboutOf(payload);
  for (const member of TEXT_MEMBERS) {
    const value = payload[member];
    if (value === undefined || value === null || typeof value === 'string') continue;
    return refuse('invalid_member', `/payload/${member}`, `expected a string, found ${describe(value)}`, { about });
  }
  const acknowledged = id === PONG_MESSAGE_ID ? { about } : { about, ackId: id };
  const { type } = payload;
  if (typeof type !== 'string') return refuse('no_type', '/payload/type', 'the payload has no type', acknowledged);
  if (!Object.hasOwn(SERVICE_MESSAGE_SCHEMAS, type)) {
    return refuse('unknown_type', '/payload/type', `unknown message type ${describe(type)}`, acknowledged);
  }
  const schema = SERVICE_MESSAGE_SCHEMAS[type as keyof typeof SERVICE_MESSAGE_SCHEMAS];
  const checked = parseValue(schema, payload, '/payload');
  if (!checked.ok) return { ok: false, error: { ...checked.error, ...acknowledged } };
  // Parsing keeps unknown members of the wrapper.
  return { ok: true, value: { ...envelope, id, payload: checked.value } };
}

const refuse = (
  code: ParseErrorCode,
  path: string,
  message: string,
  more: Pick<ParseError, 'about' | 'ackId'> = {},
): ParseResult<never> => ({ ok: false, error: { code, path, message, ...more } });

function canonicalPayload(raw: Record<string, unknown>): Record<string, unknown> {
  let payload = canonicalMembers(raw, PAYLOAD_MEMBERS);
  for (const member of TEXT_MEMBERS) {
    // Every SDK sends an explicit `"error": null`, and its schema requires it.
    if (payload[member] !== null || member === 'error') continue;
    if (payload === raw) payload = { ...raw };
    delete payload[member];
  }
  if (!isJsonObject(payload['result'])) return payload;
  const result = canonicalMembers(payload['result'], RESULT_MEMBERS);
  return result === payload['result'] ? payload : { ...payload, result };
}

function aboutOf(message: Record<string, unknown>): NonNullable<ParseError['about']> {
  const about: { type?: string; serviceId?: string; idempotencyKey?: string } = {};
  for (const member of ['type', 'serviceId', 'idempotencyKey'] as const) {
    const value = message[member];
    if (typeof value === 'string') about[member] = value;
  }
  return about;
}

/** Encodes a message for the wire. Throws a `TypeError` when JSON cannot express it (a cycle, a bigint). */
export const encodeMessage = (message: EngineMessage | ServiceEnvelope): string => JSON.stringify(message);
