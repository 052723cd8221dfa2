/** `/register/…` and `/apikeys`: projects, their services and agents, and their keys. */
import {
  ApiKeyAddedSchema,
  ProjectRegisteredSchema,
  ServiceRegisteredSchema,
  type ServiceKind,
} from '@orra-ts/protocol';
import { projectView, serviceRegisteredView } from '../../views/registration-views';
import { projectBody, serviceBody } from '../http/request-bodies';
import { defineRoute, json, type Route } from '../http/route';

const registerService = (kind: ServiceKind, summary: string): Route =>
  defineRoute({
    method: 'POST',
    path: `/register/${kind}`,
    summary,
    access: 'project',
    body: serviceBody,
    responses: { 200: json(ServiceRegisteredSchema, 'Registered, or updated') },
    errors: { 500: 'The name, the schema or the id is not valid' },
    handler: async ({ project, body }, { core }) => {
      const registration = await body();
      const service = await core.services.register(project, kind, registration);
      const { capabilities, ...registered } = serviceRegisteredView(service, core.capabilities);
      // Only SDKs that announce their capabilities receive those of the engine.
      return {
        status: 200,
        body: Array.isArray(registration.capabilities) ? { ...registered, capabilities } : registered,
      };
    },
  });

export const registrationRoutes = [
  defineRoute({
    method: 'POST',
    path: '/register/project',
    summary: 'Registers a project and shows its API key, once',
    access: 'public',
    body: projectBody,
    responses: { 201: json(ProjectRegisteredSchema, 'Registered') },
    handler: async ({ body }, { core, prepareProject }) => {
      const registration = await body();
      const { project, apiKey } = await core.projects.registerForCaller(registration);
      await prepareProject(project);
      return { status: 201, body: projectView(project, apiKey, registration.additionalAPIKeys) };
    },
  }),
  registerService('service', 'Registers or updates a service'),
  registerService('agent', 'Registers or updates an agent'),
  defineRoute({
    method: 'POST',
    path: '/apikeys',
    summary: 'Adds an API key to the project and shows it, once',
    access: 'project',
    responses: { 201: json(ApiKeyAddedSchema, 'The new key') },
    handler: async ({ project }, { core }) => ({
      status: 201,
      body: { apiKey: await core.projects.addApiKey(project) },
    }),
  }),
];
