/** Every route of the engine. The order does not matter: no two match the same request. */
import { OpenApiDocumentSchema, type OpenApiDocument } from '@orra-ts/protocol';
import { openApiDocument } from '../http/openapi';
import { defineRoute, json, type Route } from '../http/route';
import { compensationFailureRoutes } from './compensation-failure-routes';
import { eventRoutes } from './event-routes';
import { groundingRoutes } from './grounding-routes';
import { healthRoutes } from './health-routes';
import { orchestrationRoutes } from './orchestration-routes';
import { planRoutes } from './plan-routes';
import { registrationRoutes } from './registration-routes';
import { serviceRoutes } from './service-routes';
import { settingsRoutes } from './settings-routes';
import { socketRoutes } from './socket-routes';
import { webhookRoutes } from './webhook-routes';

let document: OpenApiDocument | undefined;

const descriptionRoute = defineRoute({
  method: 'GET',
  path: '/openapi.json',
  summary: 'This description of the API',
  access: 'public',
  responses: { 200: json(OpenApiDocumentSchema, 'An OpenAPI 3.1 document') },
  handler: () => ({ status: 200, body: (document ??= openApiDocument(engineRoutes)) }),
});

export const engineRoutes: readonly Route[] = [
  ...healthRoutes,
  descriptionRoute,
  ...registrationRoutes,
  ...orchestrationRoutes,
  ...eventRoutes,
  ...compensationFailureRoutes,
  ...webhookRoutes,
  ...groundingRoutes,
  ...settingsRoutes,
  ...serviceRoutes,
  ...planRoutes,
  ...socketRoutes,
];
