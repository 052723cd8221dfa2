/** Every route of the engine. The order does not matter: no two match the same request. */
import { openApiDocument } from '../http/openapi';
import type { HttpAppDependencies, Route } from '../http/route';
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

export const engineRoutes = (dependencies: HttpAppDependencies): Route[] => [
  ...healthRoutes(),
  { method: 'GET', path: '/openapi.json', handle: (context) => context.json(openApiDocument()) },
  ...registrationRoutes(dependencies),
  ...orchestrationRoutes(dependencies),
  ...eventRoutes(dependencies),
  ...compensationFailureRoutes(dependencies),
  ...webhookRoutes(dependencies),
  ...groundingRoutes(dependencies),
  ...settingsRoutes(dependencies),
  ...serviceRoutes(dependencies),
  ...planRoutes(dependencies),
  ...socketRoutes(dependencies),
];
