/**
 * Derives the OpenAPI document from the routes.
 *
 * A schema with an `$id` becomes a component of that name, and each use of it a reference. Errors that follow from the
 * access to a route and from its body are added here; a route names only its own.
 */
import { Type, type TSchema } from '@sinclair/typebox';
import { PROTOCOL_VERSION, WireErrorBodySchema, type OpenApiDocument } from '@orra-ts/protocol';
import { empty, json, type ParameterContract, type ResponseContract, type Route } from './route';

const DESCRIPTION = `Compatible with the Go Plan Engine; \`/plans\`, \`/services\`, \`/settings\`, \`/events\`, \`/openapi.json\`, and the routes that cancel, retry or follow orchestrations are additions.
Compatible routes accept member names in any letter case and null for absent members, and ignore unknown members. A path that does not exist has the response 404 with plain text, and a method that a path does not have has 405 with an empty body.`;

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: "A project's API key" },
  readToken: { type: 'apiKey', in: 'query', name: 'token', description: 'A read token for this orchestration' },
  queryKey: { type: 'apiKey', in: 'query', name: 'apiKey', description: "A project's API key" },
};

const SECURITY: Readonly<Record<Route['access'], readonly object[]>> = {
  public: [],
  project: [{ bearer: [] }],
  'project-or-token': [{ bearer: [] }, { readToken: [] }],
  socket: [{ bearer: [] }, { queryKey: [] }],
};

type Schemas = Record<string, Record<string, unknown>>;

export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const schemas: Schemas = {};
  const paths: Record<string, Record<string, Record<string, unknown>>> = {};
  for (const route of routes) {
    (paths[templateOf(route.path)] ??= {})[route.method.toLowerCase()] = operation(route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Orra Plan Engine', version: PROTOCOL_VERSION, description: DESCRIPTION },
    paths,
    components: { securitySchemes: SECURITY_SCHEMES, schemas },
  };
}

/** `/plans/:name` as `/plans/{name}`. */
const templateOf = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

function operation(route: Route, schemas: Schemas): Record<string, unknown> {
  const parameters = parametersOf(route, schemas);
  const { body } = route;
  return {
    summary: route.summary,
    security: SECURITY[route.access],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body
      ? {
          requestBody: {
            required: body.required ?? true,
            content: { 'application/json': { schema: plainSchema(body.schema, schemas) } },
          },
        }
      : {}),
    responses: responsesOf(route, schemas),
  };
}

function parametersOf({ path, query = {}, headers = {}, access }: Route, schemas: Schemas): object[] {
  const parameter = (where: string, name: string, { description, schema, required }: ParameterContract): object => ({
    name,
    in: where,
    ...(required ? { required } : {}),
    ...(description === '' ? {} : { description }),
    schema: plainSchema(schema, schemas),
  });
  const inPath: ParameterContract = { description: '', schema: Type.String(), required: true };
  const secured = access === 'socket' ? ['apiKey', 'authorization'] : [];
  const free = (contracts: Readonly<Record<string, ParameterContract>>): [string, ParameterContract][] =>
    Object.entries(contracts).filter(([name]) => !secured.includes(name));
  return [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => parameter('path', name, inPath)),
    ...free(query).map(([name, contract]) => parameter('query', name, contract)),
    ...free(headers).map(([name, contract]) => parameter('header', name, contract)),
  ];
}

function responsesOf(route: Route, schemas: Schemas): Record<string, object> {
  const responses: Record<string, object> = {};
  for (const [status, contract] of Object.entries(route.responses)) responses[status] = response(contract, schemas);
  for (const [status, reasons] of errorsOf(route)) {
    responses[status] ??= response(json(WireErrorBodySchema, reasons.join('; ')), schemas);
  }
  if (route.access !== 'public') {
    responses[403] = response(empty('The key or the token is missing, malformed or not valid here'), schemas);
  }
  responses['default'] = response(json(WireErrorBodySchema, 'The engine is stopping, overloaded or failed'), schemas);
  return responses;
}

/** Error responses of a route, by status. */
function errorsOf({ access, unknownKeyStatus = 400, body, errors = {} }: Route): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  const add = (status: number | string, reason: string): void => {
    reasons.set(String(status), [...(reasons.get(String(status)) ?? []), reason]);
  };
  if (access === 'project' || access === 'project-or-token') add(unknownKeyStatus, 'No project has this key');
  if (body) {
    add(400, 'The body cannot be decoded, or a member of it is not valid');
    add(413, 'The body is too large');
  }
  for (const [status, reason] of Object.entries(errors)) add(status, reason);
  return reasons;
}

function response(contract: ResponseContract, schemas: Schemas): object {
  const { description } = contract;
  switch (contract.content) {
    case 'json':
      return { description, content: { 'application/json': { schema: plainSchema(contract.schema, schemas) } } };
    case 'events':
      return {
        description,
        content: {
          'text/event-stream': {
            schema: { type: 'string', description: 'The data of each event is JSON' },
            // OpenAPI 3.1 cannot describe the items of a stream.
            'x-event-data': plainSchema(contract.schema, schemas),
          },
        },
      };
    case 'text':
      return { description, content: { 'text/plain': { schema: { type: 'string' } } } };
    case 'empty':
      return { description };
  }
}

/** A schema as JSON: without TypeBox's symbols, named ones replaced by references to the component that they become. */
function plainSchema(schema: TSchema, schemas: Schemas): Record<string, unknown> {
  return plain(schema, schemas) as Record<string, unknown>;
}

function plain(value: unknown, schemas: Schemas): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item, schemas));
  if (typeof value !== 'object' || value === null) return value;
  const { $id, ...members } = value as Record<string, unknown>;
  if (typeof $id === 'string') {
    if (!($id in schemas)) {
      // Claimed first: a recursive schema contains itself.
      schemas[$id] = {};
      schemas[$id] = plainMembers(members, schemas);
    }
    return reference($id);
  }
  return plainMembers(members, schemas);
}

const plainMembers = (members: Record<string, unknown>, schemas: Schemas): Record<string, unknown> =>
  typeof members['$ref'] === 'string'
    ? reference(members['$ref'])
    : Object.fromEntries(Object.entries(members).map(([name, member]) => [name, plain(member, schemas)]));

const reference = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });
