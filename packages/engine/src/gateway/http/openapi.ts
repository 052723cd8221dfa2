/** `GET /openapi.json`: the routes of the engine, with the schemas they are checked against. */
import {
  DefinedPlanSchema,
  EngineCapabilitiesSchema,
  GroundingSchema,
  PROTOCOL_VERSION,
  ProjectRegisteredSchema,
  ProjectRegistrationSchema,
  ProjectSettingsSchema,
  ResolutionSchema,
  ServiceRegisteredSchema,
  ServiceRegistrationSchema,
  SubmissionSchema,
  WebhookSchema,
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
  Grounding: GroundingSchema,
  ProjectRegistered: ProjectRegisteredSchema,
  ProjectRegistration: ProjectRegistrationSchema,
  ProjectSettings: ProjectSettingsSchema,
  Resolution: ResolutionSchema,
  ServiceRegistered: ServiceRegisteredSchema,
  ServiceRegistration: ServiceRegistrationSchema,
  Submission: SubmissionSchema,
  Webhook: WebhookSchema,
};

interface OperationOptions {
  readonly summary: string;
  readonly status: number;
  /** Absent: none. */
  readonly answer?: object;
  readonly body?: keyof typeof SCHEMAS;
  /** @default true */
  readonly authenticated?: boolean;
  readonly parameters?: readonly object[];
}

const schema = (name: string): object => ({ $ref: `#/components/schemas/${name}` });
const json = (content: object): object => ({ 'application/json': { schema: content } });
const anyObject: object = { type: 'object' };
/** The members of ours; the rest is the original's. */
const inspection: object = {
  type: 'object',
  properties: {
    planSource: { type: 'object', description: 'Where the plan came from' },
    taskZero: { type: 'object', description: 'The data that tasks refer to as $task0' },
    constants: {
      type: 'array',
      items: { type: 'string' },
      description: "Names of fields of taskZero that come from the action's words, not from the data",
    },
    metadata: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

function operation({ summary, status, answer, body, authenticated = true, parameters }: OperationOptions): object {
  return {
    summary,
    ...(parameters ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: json(schema(body)) } } : {}),
    responses: {
      [status]: { description: 'Success', ...(answer ? { content: json(answer) } : {}) },
      ...(authenticated
        ? { 403: { description: 'The Authorization header is missing or malformed; empty body' } }
        : {}),
      default: { description: 'Refused', content: json(schema('Error')) },
    },
    ...(authenticated ? {} : { security: [] }),
  };
}

function orchestrationPaths(id: object): object {
  const lastEventId = { name: 'lastEventId', in: 'query', schema: { type: 'string' } };
  const token = { name: 'token', in: 'query', schema: { type: 'string' } };
  const stream = (summary: string, parameters: readonly object[]): object => ({
    get: {
      summary,
      parameters: [...parameters, lastEventId, { ...lastEventId, name: 'Last-Event-ID', in: 'header' }],
      responses: {
        200: { description: 'Server-sent events', content: { 'text/event-stream': { schema: { type: 'string' } } } },
        default: { description: 'Refused', content: json(schema('Error')) },
      },
    },
  });
  return {
    '/orchestrations/{id}/cancel': {
      post: operation({
        summary: 'Ends it, unless it has ended, and compensates what was done; answers with the inspection',
        parameters: [id],
        body: 'Resolution',
        status: 200,
        answer: inspection,
      }),
    },
    '/orchestrations/{id}/tokens': {
      post: operation({
        summary: 'Makes a short-lived token that reads events and inspection of this orchestration',
        parameters: [id],
        status: 201,
        answer: anyObject,
      }),
    },
    '/orchestrations/{id}/events': stream('What happens in one orchestration, from its begin', [id, token]),
    '/events': stream('What happens in the project, from now on', []),
  };
}

function compensationFailurePaths(id: object): object {
  const changing = (summary: string, body?: keyof typeof SCHEMAS): object => ({
    post: operation({ summary, parameters: [id], status: 200, answer: anyObject, ...(body ? { body } : {}) }),
  });
  return {
    '/compensation-failures': {
      get: operation({
        summary: 'Compensations that were given up, newest first; null when there are none',
        status: 200,
        answer: { type: ['array', 'null'], items: anyObject },
      }),
    },
    '/compensation-failures/{id}': {
      get: operation({ summary: 'One of them', parameters: [id], status: 200, answer: anyObject }),
    },
    '/compensation-failures/{id}/resolve': changing('A person has put it right', 'Resolution'),
    '/compensation-failures/{id}/ignore': changing('Nothing has to be done', 'Resolution'),
    '/compensation-failures/{id}/retry': changing('Begins another round of attempts'),
  };
}

function webhookPaths(): object {
  const adding = (summary: string): object => ({
    post: operation({
      summary,
      body: 'Webhook',
      status: 201,
      answer: {
        type: 'object',
        properties: { url: { type: 'string' }, secret: { type: 'string' } },
        required: ['url', 'secret'],
      },
    }),
  });
  return {
    '/webhooks': adding('Adds a webhook that is told how orchestrations end; shows its secret, once'),
    '/compensation-failure-webhooks': adding('Adds a webhook that is told of compensations that were given up'),
  };
}

function groundingPaths(): object {
  const name = { name: 'name', in: 'path', required: true, schema: { type: 'string' } };
  return {
    '/groundings': {
      post: operation({
        summary: 'Adds a grounding or a new version of it',
        body: 'Grounding',
        status: 201,
        answer: anyObject,
      }),
      get: operation({
        summary: 'Groundings by name; null when there are none',
        status: 200,
        answer: { type: ['array', 'null'], items: anyObject },
      }),
      delete: operation({ summary: 'Removes all groundings', status: 204 }),
    },
    '/groundings/{name}': {
      delete: operation({ summary: 'Removes one grounding', parameters: [name], status: 204 }),
    },
  };
}

function settingsPaths(): object {
  const answer = schema('ProjectSettings');
  return {
    '/settings': {
      get: operation({ summary: 'Settings of the project', status: 200, answer }),
      put: operation({
        summary: 'Changes the settings that are named; answers with all',
        body: 'ProjectSettings',
        status: 200,
        answer,
      }),
    },
  };
}

function planPaths(): object {
  const name = { name: 'name', in: 'path', required: true, schema: { type: 'string' } };
  const before = { name: 'before', in: 'query', schema: { type: 'integer', minimum: 1 } };
  return {
    '/plans': {
      post: operation({
        summary: 'The plan of an action, without running it; also tells why there is none',
        body: 'Submission',
        status: 200,
        answer: anyObject,
      }),
      get: operation({
        summary: 'Defined plans, newest versions, with what keeps them from running: `stale` and `problems`',
        status: 200,
        answer: { type: 'array', items: schema('DefinedPlan') },
      }),
    },
    '/plans/{name}': {
      get: operation({
        summary: 'A defined plan, removed or not, with its `versions`, newest first; `before` goes on behind 100',
        parameters: [name, before],
        status: 200,
        answer: schema('DefinedPlan'),
      }),
      put: operation({
        summary: 'Registers a defined plan, or its next version; with `unchanged` where it is registered just so',
        parameters: [name],
        body: 'DefinedPlan',
        status: 200,
        answer: schema('DefinedPlan'),
      }),
      delete: operation({
        summary: 'Removes a defined plan: no action matches it any more, its versions stay readable',
        parameters: [name],
        status: 204,
      }),
    },
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
      description:
        'Compatible with the public Plan Engine; `/plans`, `/services`, `/settings`, `/events`, `/openapi.json`, and what cancels, retries or follows are additions.',
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
          summary:
            'Plans an action and starts it; answered when the plan is made, with `Prefer: respond-async` when it is stored',
          parameters: [{ name: 'Prefer', in: 'header', schema: { type: 'string', examples: ['respond-async'] } }],
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
          answer: inspection,
        }),
      },
      ...orchestrationPaths(id),
      ...compensationFailurePaths(id),
      ...webhookPaths(),
      ...groundingPaths(),
      ...settingsPaths(),
      '/services': {
        get: operation({ summary: 'Registered services', status: 200, answer: { type: 'array', items: anyObject } }),
      },
      ...planPaths(),
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
