/** Decodes the bodies of compatible routes by the rules of the Go engine, and checks them against the protocol's schemas. */
import type { Static, TSchema } from '@sinclair/typebox';
import { isApiKey } from '@orra-ts/common';
import {
  GO_ERROR_MESSAGES,
  GroundingSchema,
  ProjectRegistrationSchema,
  ResolutionSchema,
  SCHEMA_MAX_DEPTH,
  ServiceRegistrationSchema,
  SubmissionSchema,
  WebhookSchema,
  isJsonObject,
  parseValue,
  parseWireDuration,
  type GroundingBody,
  type ProjectRegistration,
  type ServiceRegistration,
  type Submission,
} from '@orra-ts/protocol';
import { decodeFirstValue, membersOf, mismatch, undecodable } from './go-json';
import { WireFailure } from './wire-failure';

const memberNames = (schema: { readonly properties: object }): string[] => Object.keys(schema.properties);

const PROJECT_MEMBERS = memberNames(ProjectRegistrationSchema);
const SERVICE_MEMBERS = [...memberNames(ServiceRegistrationSchema), 'type'];
const SUBMISSION_MEMBERS = memberNames(SubmissionSchema);
const SPEC_MEMBERS = ['type', 'properties', 'required', 'format', 'minimum', 'maximum', 'items'];

export function decodeProject(text: string): ProjectRegistration {
  const body = parseBody(ProjectRegistrationSchema, membersOf(decodeFirstValue(text), PROJECT_MEMBERS));
  const unusable = body.additionalAPIKeys?.find((key) => !isApiKey(key));
  if (unusable !== undefined) {
    throw new WireFailure(400, {
      kind: 'input validation error',
      param: 'additionalAPIKeys',
      message:
        'additionalAPIKeys: a key must be one or more printable ASCII characters without spaces; leave it out to use the generated one',
    });
  }
  return body;
}

export function decodeService(text: string): ServiceRegistration {
  const body = membersOf(decodeFirstValue(text), SERVICE_MEMBERS);
  const { type } = body;
  if (type !== undefined && type !== null && !/^\s*(service|agent)\s*$/i.test(typeof type === 'string' ? type : '')) {
    throw mismatch('type', '"service" or "agent"', type);
  }
  return parseBody(ServiceRegistrationSchema, {
    ...body,
    ...(isJsonObject(body['schema']) ? { schema: decodeSchema(body['schema']) } : {}),
  });
}

export function decodeSubmission(text: string): Submission {
  const body = membersOf(decodeFirstValue(text), SUBMISSION_MEMBERS);
  const { action, data } = body;
  const submission = parseBody(SubmissionSchema, {
    ...body,
    ...(isJsonObject(action) ? { action: membersOf(action, ['type', 'content']) } : {}),
    ...(Array.isArray(data) ? { data: data.map(decodeField) } : {}),
  });
  for (const duration of [submission.timeout, submission.healthCheckGracePeriod]) {
    if (duration !== undefined && duration !== null && parseWireDuration(duration) === undefined) {
      throw undecodable(GO_ERROR_MESSAGES.invalidDurationPrefix + JSON.stringify(duration));
    }
  }
  return submission;
}

/** Returns the `reason` of a cancellation or a resolution; undefined when the body has none. */
export function decodeReason(text: string): string | undefined {
  return parseBody(ResolutionSchema, membersOf(decodeFirstValue(text), ['reason'])).reason ?? undefined;
}

/** Returns the URL; empty when the body has none. */
export function decodeWebhook(text: string): string {
  return parseBody(WebhookSchema, membersOf(decodeFirstValue(text), ['url'])).url ?? '';
}

export function decodeGrounding(text: string): GroundingBody {
  const body = membersOf(decodeFirstValue(text), memberNames(GroundingSchema));
  const { useCases } = body;
  return parseBody(GroundingSchema, {
    ...body,
    ...(Array.isArray(useCases)
      ? { useCases: useCases.map((item, index) => membersOf(item, USE_CASE_MEMBERS, `useCases[${index}]`)) }
      : {}),
  });
}
const USE_CASE_MEMBERS = ['action', 'params', 'capabilities', 'intent'];

/** A missing or null `field` becomes the empty string, a missing value null: the zero values of the Go engine. */
function decodeField(item: unknown, index: number): Record<string, unknown> {
  const { field, value } = membersOf(item, ['field', 'value'], `data[${index}]`);
  return { field: field ?? '', value: value ?? null };
}

function decodeSchema(schema: Record<string, unknown>): Record<string, unknown> {
  const sides = membersOf(schema, ['input', 'output']);
  for (const side of ['input', 'output'] as const) {
    if (sides[side] !== undefined && sides[side] !== null) {
      sides[side] = decodeSpec(sides[side], `schema.${side}`);
    }
  }
  return sides;
}

/**
 * Checks types; the core checks rules such as `type is required`. Bounds may be fractions, unlike on the Go engine, which
 * rejects a service whose number has a fractional bound.
 */
function decodeSpec(value: unknown, path: string, depth = 1): Record<string, unknown> {
  const spec = { ...membersOf(value, SPEC_MEMBERS, path) };
  for (const member of ['type', 'format'] as const) expectOrNull(spec, member, path, 'a string', isString);
  for (const member of ['minimum', 'maximum'] as const) expectOrNull(spec, member, path, 'a number', isNumber);
  expectOrNull(spec, 'required', path, 'a list of strings', (list) => Array.isArray(list) && list.every(isString));
  expectOrNull(spec, 'properties', path, 'an object', isJsonObject);
  expectOrNull(spec, 'items', path, 'an object', isJsonObject);
  // The core rejects deeper schemas; recursion must not exhaust the stack before that (E8).
  if (depth > SCHEMA_MAX_DEPTH) return spec;
  if (spec['items'] !== undefined) spec['items'] = decodeSpec(spec['items'], `${path}.items`, depth + 1);
  if (spec['properties'] !== undefined) {
    const properties = Object.entries(spec['properties'] as Record<string, unknown>);
    spec['properties'] = Object.fromEntries(
      properties.map(([name, property]) => [name, decodeSpec(property, `${path}.properties[${name}]`, depth + 1)]),
    );
  }
  return spec;
}

const isString = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';

function expectOrNull(
  spec: Record<string, unknown>,
  member: string,
  path: string,
  expected: string,
  isValid: (value: unknown) => boolean,
): void {
  const value = spec[member];
  if (value === undefined) return;
  if (value === null) delete spec[member];
  else if (!isValid(value)) throw mismatch(`${path}.${member}`, expected, value);
}

function parseBody<S extends TSchema>(schema: S, value: unknown): Static<S> {
  const parsed = parseValue(schema, value);
  if (parsed.ok) return parsed.value;
  const { path, message } = parsed.error;
  throw undecodable(`json: ${path === '' ? 'the body' : path.slice(1).replaceAll('/', '.')}: ${message}`);
}
