/** Registers one service with the engine and interprets the response. */
import { type OrraError, describeThrown, type HttpResponse, type HttpTransport } from '@orra-ts/common';
import {
  GO_ERROR_MESSAGES,
  JSON_SCHEMA_MAX_BYTES,
  ServiceRegisteredSchema,
  parseValue,
  type ServiceRegistered,
  type ServiceRegistration,
} from '@orra-ts/protocol';
import type { ServiceDefinition } from '../definition/service-definition';
import { sdkError } from '../errors';
import { announces } from './announced-by-engine';
import { announcedCapabilities } from './announced-capabilities';

export type RegistrationOutcome =
  | { readonly kind: 'registered'; readonly service: ServiceRegistered }
  /** The engine does not know the id: it belongs to another project, or the engine's storage is new. */
  | { readonly kind: 'stale_id' }
  /** The same request will never succeed. */
  | { readonly kind: 'refused'; readonly error: OrraError }
  /** The engine is unreachable or temporarily unable to respond. */
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface RegistrationTarget {
  readonly url: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
}

/** HTTP statuses of proxies and busy servers that ask for a retry. */
const TRANSIENT = new Set([408, 425, 429, 502, 503, 504]);

function registrationOf(definition: ServiceDefinition, id: string | undefined): ServiceRegistration {
  const { input, output } = definition;
  return {
    ...(id === undefined ? { identity: 'name' } : { id }),
    name: definition.name,
    description: definition.description,
    revertible: definition.revert !== undefined,
    schema: { input: input.spec, output: output.spec },
    capabilities: [...announcedCapabilities(definition)],
    timeoutMs: definition.timeoutMs,
    revertTtlMs: definition.revert && definition.revert.also.size > 0 ? definition.revert.ttlMs : undefined,
  };
}

/** What the spec does not express. Sent only to engines that announce `jsonSchemas`. */
function fullSchemas({ input, output }: ServiceDefinition): Pick<ServiceRegistration, 'jsonSchema' | 'leftToService'> {
  const jsonSchema = { input: input.jsonSchema, output: output.jsonSchema };
  const isSmall = Buffer.byteLength(JSON.stringify(jsonSchema)) <= JSON_SCHEMA_MAX_BYTES;
  return {
    jsonSchema: isSmall ? jsonSchema : undefined,
    leftToService: [...input.leftToService, ...output.leftToService],
  };
}

const hasUncheckedParts = ({ input, output }: ServiceDefinition): boolean =>
  input.leftToService.length + output.leftToService.length > 0;

export async function register(
  transport: HttpTransport,
  target: RegistrationTarget,
  definition: ServiceDefinition,
  id: string | undefined,
  signal: AbortSignal,
): Promise<RegistrationOutcome> {
  let response: HttpResponse;
  try {
    const isFull = hasUncheckedParts(definition) && (await announces('jsonSchemas', transport, target, signal));
    const registration = registrationOf(definition, id);
    response = await transport.request({
      method: 'POST',
      url: `${target.url}/register/${definition.kind}`,
      headers: { authorization: `Bearer ${target.apiKey}` },
      body: isFull ? { ...registration, ...fullSchemas(definition) } : registration,
      timeoutMs: target.timeoutMs,
      signal,
    });
  } catch (error) {
    return { kind: 'unreachable', reason: describeThrown(error) };
  }
  // Engines repeat the request in error bodies, including the key, which an error message must not contain.
  const text = response.text.replaceAll(target.apiKey, '***');
  return readResponse({ ...response, text }, target.url, definition);
}

function readResponse({ status, text }: HttpResponse, url: string, definition: ServiceDefinition): RegistrationOutcome {
  const body = decode(text);
  if (status >= 200 && status < 300) {
    const parsed = parseValue(ServiceRegisteredSchema, body);
    if (parsed.ok) return { kind: 'registered', service: parsed.value };
    return {
      kind: 'refused',
      error: noEngine(url, `its response has no service id (${parsed.error.path}: ${parsed.error.message})`),
    };
  }
  if (status === 401 || status === 403) return { kind: 'refused', error: wrongKey(url, status) };
  const reason = messageOf(body);
  if (reason !== undefined && GO_ERROR_MESSAGES.unknownServicePattern.test(reason)) return { kind: 'stale_id' };
  if (reason === undefined && status < 500 && !TRANSIENT.has(status)) {
    return { kind: 'refused', error: noEngine(url, `it responds with ${status} to POST /register/${definition.kind}`) };
  }
  if (reason !== undefined && !TRANSIENT.has(status) && (status < 500 || /validation error/i.test(reason))) {
    if (/api key|project/i.test(reason) && status === 400) return { kind: 'refused', error: wrongKey(url, status) };
    return {
      kind: 'refused',
      error: sdkError(
        'ORRA_REGISTRATION_REFUSED',
        `${definition.label}: the engine at ${url} rejects the registration of \`${definition.name}\`: ${reason}`,
        { details: { service: definition.name, status } },
      ),
    };
  }
  return { kind: 'unreachable', reason: `it responds with ${status}${reason === undefined ? '' : `: ${reason}`}` };
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the message in the error body of an engine. */
function messageOf(body: unknown): string | undefined {
  const error = (body as { error?: unknown } | null | undefined)?.error;
  if (typeof error === 'string') return error;
  const { message, kind } = (error ?? {}) as { message?: unknown; kind?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  return typeof kind === 'string' ? kind : undefined;
}

export const wrongKey = (url: string, status: number): OrraError =>
  sdkError(
    'ORRA_UNAUTHORIZED',
    `the engine at ${url} does not accept the API key (${status}); check option \`engine.apiKey\` or ORRA_API_KEY: the key must belong to a project of this engine, and a new engine store has new keys`,
    { details: { url, status } },
  );

const noEngine = (url: string, finding: string): OrraError =>
  sdkError(
    'ORRA_UNEXPECTED_RESPONSE',
    `${url} is not a Plan Engine: ${finding}; check option \`engine.url\` or ORRA_URL (scheme, host, port, and no path unless a proxy adds one)`,
    { details: { url } },
  );
