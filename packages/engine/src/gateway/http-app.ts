/**
 * The routes as a Hono application. Requests that no route serves, and errors of handlers, get the responses of the Go
 * engine: see `docs/protocol.md#our-engine-and-the-go-engine`.
 */
import { Hono, type Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { describeThrown } from '@orra-ts/common';
import { GO_ERROR_MESSAGES, PROTOCOL_VERSION, VERSION_HEADER } from '@orra-ts/protocol';
import { redactUrl } from './http/redact';
import type { RouteDependencies } from './http/route';
import { serveRoute } from './http/serve-route';
import { Forbidden, UNANTICIPATED, WireFailure, toWireFailure } from './http/wire-failure';
import { engineRoutes } from './routes/engine-routes';

export function createHttpApp(dependencies: RouteDependencies): Hono {
  const { logger } = dependencies;
  const app = new Hono();

  app.use(async (context, next) => {
    const { path } = context.req;
    const cleaned = path.replace(/\/{2,}/g, '/');
    if (cleaned !== path) return empty(context, 301, { location: cleaned + queryOf(context.req.url) });
    // Hono would treat HEAD as GET; on the Go engine it is a method of its own, and no route has it.
    if (context.req.raw.method === 'HEAD') return noRoute(context);
    await next();
    return undefined;
  });
  for (const route of engineRoutes) {
    const serve = serveRoute(route, dependencies);
    if (route.allMethods) app.all(route.path, serve);
    else app.on(route.method, route.path, serve);
  }
  app.notFound((context) => noRoute(context));
  app.onError((thrown, context) => {
    if (thrown instanceof Forbidden) return withVersion(empty(context, 403));
    let failure = toWireFailure(thrown);
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

/** The path does not exist, or does not have this method. As on the Go engine, without version, `Allow` and error body. */
function noRoute(context: Context): Response {
  const known = engineRoutes.some(({ path }) => matches(path, context.req.path));
  if (known) return empty(context, 405);
  return context.body(GO_ERROR_MESSAGES.plainNotFound, 404, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
}

/** Without a content length, Node would send the empty body in chunks. */
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
