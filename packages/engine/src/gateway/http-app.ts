/**
 * The HTTP routes, as a Hono application. Compatible routes answer with the original's statuses, bodies and texts
 * (protocol page, section 1); those of ours (`/plans`, `/services`, `/openapi.json`) are checked against TypeBox schemas.
 */
import { describeThrown } from '@orra-ts/common';
import { PROTOCOL_VERSION, VERSION_HEADER, type ServiceKind } from '@orra-ts/protocol';
import { Hono, type Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { EngineHostApi } from '../host/engine-host.types';
import { projectView, serviceRegisteredView, serviceView } from '../views/registration-views';
import { compensationFailureRoutes } from './compensation-failure-routes';
import { decodeProject, decodeService } from './compatible-bodies';
import { eventRoutes } from './event-routes';
import { groundingRoutes } from './grounding-routes';
import { openApiDocument } from './openapi';
import { orchestrationRoutes } from './orchestration-routes';
import { planRoutes } from './plan-routes';
import { redactUrl } from './redact';
import { requestTools, type Handler, type HttpAppDependencies, type Route } from './routes';
import { settingsRoutes } from './settings-routes';
import { NO_UPGRADE, handshakeRefusal, readUpgradeClaim } from './upgrade-refusal';
import { webhookRoutes } from './webhook-routes';
import { Forbidden, UNANTICIPATED, WireFailure, failureOf } from './wire-failure';

export function createHttpApp(dependencies: HttpAppDependencies): Hono {
  const { logger } = dependencies;
  const routes = routesOf(dependencies);
  const app = new Hono();

  app.use(async (context, next) => {
    const { path } = context.req;
    const cleaned = path.replace(/\/{2,}/g, '/');
    if (cleaned !== path) return empty(context, 301, { location: cleaned + queryOf(context.req.url) });
    // Hono would answer HEAD as it answers GET; here it is a method like any other, and no route has it.
    if (context.req.raw.method === 'HEAD') return noRoute(context, routes);
    await next();
    return undefined;
  });
  for (const { method, path, handle } of routes) {
    const routed: Handler = async (context) => {
      context.header(VERSION_HEADER, PROTOCOL_VERSION);
      return handle(context);
    };
    if (method) app.on(method, path, routed);
    else app.all(path, routed);
  }
  app.notFound((context) => noRoute(context, routes));
  app.onError((thrown, context) => {
    if (thrown instanceof Forbidden) return withVersion(empty(context, 403));
    let failure = failureOf(thrown);
    if (!failure) {
      logger.error('a request failed unexpectedly', {
        method: context.req.method,
        url: redactUrl(context.req.url),
        error: describeThrown(thrown),
        stack: thrown.stack,
      });
      failure = new WireFailure(500, UNANTICIPATED);
    }
    return withVersion(errorResponse(context, failure));
  });
  return app;
}

function routesOf(dependencies: HttpAppDependencies): Route[] {
  const { host, connectionsOf, prepareProject } = dependencies;
  const { body, asProject } = requestTools(dependencies);
  const registerService = (kind: ServiceKind): Handler =>
    asProject(async (context, project) => {
      const registration = decodeService(await body(context));
      const service = await host.registerService(project, kind, registration);
      const { capabilities, ...answer } = serviceRegisteredView(service, host.capabilities);
      // What we can do beyond the protocol is told only to those who said that they are of ours.
      return context.json(Array.isArray(registration.capabilities) ? { ...answer, capabilities } : answer);
    });

  return [
    { method: 'GET', path: '/health', handle: (context) => context.json({}) },
    { method: 'GET', path: '/openapi.json', handle: (context) => context.json(openApiDocument()) },
    {
      method: 'POST',
      path: '/register/project',
      handle: async (context) => {
        const registration = decodeProject(await body(context));
        const { project, apiKey } = await host.registerProject(registration);
        await prepareProject(project);
        return context.json(projectView(project, apiKey, registration.additionalAPIKeys), 201);
      },
    },
    { method: 'POST', path: '/register/service', handle: registerService('service') },
    { method: 'POST', path: '/register/agent', handle: registerService('agent') },
    {
      method: 'POST',
      path: '/apikeys',
      handle: asProject(async (context, project) => context.json({ apiKey: await host.addApiKey(project) }, 201)),
    },
    ...orchestrationRoutes(dependencies),
    ...eventRoutes(dependencies),
    ...compensationFailureRoutes(dependencies),
    ...webhookRoutes(dependencies),
    ...groundingRoutes(dependencies),
    ...settingsRoutes(dependencies),
    {
      method: 'GET',
      path: '/services',
      handle: asProject((context, project) =>
        context.json(host.services(project).map((service) => serviceView(service, connectionsOf(service.id)))),
      ),
    },
    ...planRoutes(dependencies),
    { method: undefined, path: '/ws', handle: (context) => refuseWithoutUpgrade(context, host) },
  ];
}

/** A request to `/ws` that is no upgrade: the same order of refusals as for one that is. */
function refuseWithoutUpgrade(context: Context, host: EngineHostApi): Response {
  const claim = readUpgradeClaim(host, context.req.header('authorization'), new URL(context.req.url).searchParams);
  if (claim.kind === 'forbidden') throw new Forbidden();
  if (claim.kind === 'unknown-service') throw new WireFailure(500, UNANTICIPATED);
  const status = context.req.method === 'GET' ? 400 : 405;
  return context.body(handshakeRefusal(status, NO_UPGRADE), status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'sec-websocket-version': '13',
  });
}

/** No such path, or not with this method: the original's router answers without a version, an `Allow` or an error body. */
function noRoute(context: Context, routes: readonly Route[]): Response {
  const known = routes.some(({ path }) => matches(path, context.req.path));
  if (known) return empty(context, 405);
  return context.body('404 page not found\n', 404, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
}

/** Without the length Node would send an empty body in chunks. */
const empty = (context: Context, status: 301 | 403 | 405, headers: Record<string, string> = {}): Response =>
  context.body(null, status, { 'content-length': '0', ...headers });

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const parts = path.split('/');
  return (
    wanted.length === parts.length &&
    wanted.every((part, i) => (part.startsWith(':') ? parts[i] !== '' : part === parts[i]))
  );
}

function errorResponse(context: Context, failure: WireFailure): Response {
  return context.json(failure.body, failure.status as ContentfulStatusCode, {
    'x-content-type-options': 'nosniff',
    ...(failure.retryAfterSeconds === undefined ? {} : { 'retry-after': String(failure.retryAfterSeconds) }),
  });
}

function withVersion(response: Response): Response {
  response.headers.set(VERSION_HEADER, PROTOCOL_VERSION);
  return response;
}

function queryOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at);
}
