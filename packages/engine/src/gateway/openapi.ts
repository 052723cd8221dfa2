/** `GET /openapi.json`: the routes of the engine, with the schemas they are checked against. */
import {
  DefinedPlanSchema,
  EngineCapabilitiesSchema,
  PROTOCOL_VERSION,
  ProjectRegisteredSchema,
  ProjectRegistrationSchema,
  ServiceRegisteredSchema,
  ServiceRegistrationSchema,
  SubmissionSchema,
} from '@orra-ts/protocol';
import { Type, type TSchema } from '@sinclair/typebox';

const ErrorSchema = Type.Object({
  error: Type.Object({
    kind: Type.Optional(Type.String()),
    code: Type.Optional(Type.String()),
    param: Type.Optional(Type.String()),
    message: Type.Optional(Type.String()),
  }),
});

const SCHEMAS: Readonly<Record<string, TSchema>> = {
  DefinedPlan: DefinedPlanSchema,
  EngineCapabilities: EngineCapabilitiesSchema,
  Error: ErrorSchema,
  ProjectRegistered: ProjectRegisteredSchema,
  ProjectRegistration: ProjectRegistrationSchema,
  ServiceRegistered: ServiceRegisteredSchema,
  ServiceRegistration: ServiceRegistrationSchema,
  Submission: SubmissionSchema,
};

interface OperationOptions {
  readonly summary: string;
  readonly status: number;
  readonly answer: object;
  readonly body?: keyof typeof SCHEMAS;
  /** @default true */
  readonly authenticated?: boolean;
  readonly parameters?: readonly object[];
}

const schema = (name: string): object => ({ $ref: `#/components/schemas/${name}` });
const json = (content: object): object => ({ 'application/json': { schema: content } });
const anyObject: object = { type: 'object' };

function operation({ summary, status, answer, body, authenticated = true, parameters }: OperationOptions): object {
  return {
    summary,
    ...(parameters ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: json(schema(body)) } } : {}),
    responses: {
      [status]: { description: 'Success', content: json(answer) },
      ...(authenticated
        ? { 403: { description: 'The Authorization header is missing or malformed; empty body' } }
        : {}),
      default: { description: 'Refused', content: json(schema('Error')) },
    },
    ...(authenticated ? {} : { security: [] }),
  };
}

/** Compatible routes take member names in any letter case, null for absent members, and ignore unknown ones. */
export function openApiDocument(): object {
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
  const query = (name: string): object => ({ name, in: 'query', required: true, schema: { type: 'string' } });
  const register = (kind: string): object => ({
    post: operation({
      summary: `Registers or updates ${kind}`,
      body: 'ServiceRegistration',
      status: 200,
      answer: schema('ServiceRegistered'),
    }),
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Orra Plan Engine',
      version: PROTOCOL_VERSION,
      description: 'Compatible with the public Plan Engine; `/plans`, `/services` and `/openapi.json` are additions.',
    },
    security: [{ bearer: [] }],
    paths: {
      '/health': {
        get: operation({ summary: 'Whether the engine answers', status: 200, answer: anyObject, authenticated: false }),
      },
      '/register/project': {
        post: operation({
          summary: 'Registers a project and shows its API key, once',
          body: 'ProjectRegistration',
          status: 201,
          answer: schema('ProjectRegistered'),
          authenticated: false,
        }),
      },
      '/register/service': register('a service'),
      '/register/agent': register('an agent'),
      '/apikeys': {
        post: operation({
          summary: 'Makes another API key of the project',
          status: 201,
          answer: { type: 'object', properties: { apiKey: { type: 'string' } }, required: ['apiKey'] },
        }),
      },
      '/orchestrations': {
        post: operation({
          summary: 'Plans an action and starts it; answered when the plan is made',
          body: 'Submission',
          status: 202,
          answer: anyObject,
        }),
        get: operation({ summary: 'Orchestrations by status, newest change first', status: 200, answer: anyObject }),
      },
      '/orchestrations/inspections/{id}': {
        get: operation({
          summary: 'One orchestration with the history of its tasks',
          parameters: [id],
          status: 200,
          answer: anyObject,
        }),
      },
      '/services': {
        get: operation({ summary: 'Registered services', status: 200, answer: { type: 'array', items: anyObject } }),
      },
      '/plans': {
        post: operation({ summary: 'Registers a defined plan', body: 'DefinedPlan', status: 201, answer: anyObject }),
        get: operation({
          summary: 'Defined plans, newest versions',
          status: 200,
          answer: { type: 'array', items: schema('DefinedPlan') },
        }),
      },
      '/ws': {
        get: {
          summary: 'WebSocket of a service; the key in the query or in an Authorization header',
          parameters: [query('serviceId'), { ...query('apiKey'), required: false }],
          responses: {
            101: { description: 'Connected' },
            403: { description: 'Unknown key; empty body' },
            500: { description: 'No such service in the project', content: json(schema('Error')) },
          },
        },
      },
    },
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: SCHEMAS,
    },
  };
}
